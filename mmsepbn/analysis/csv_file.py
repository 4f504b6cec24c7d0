"""Records as CSV."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def write_records(path: str | Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write one line for each record; the columns are the keys of the first."""
    with Path(path).open('w', newline='') as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
