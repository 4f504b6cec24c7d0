"""Records as CSV."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def write_records(path: str | Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write one line for each record; the columns are their keys. ValueError: no records, or keys differ."""
    if not records or any(record.keys() != records[0].keys() for record in records):
        raise ValueError(f'{path}: records must be of the same columns, and at least one. Got {len(records)}.')
    with Path(path).open('w', newline='') as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
