"""The known records of a table's rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mmsepbn.experiments.record import Record
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.run import Known, Run
from mmsepbn.experiments.table import Split

STALE = ' (stale)'


def known_rows(
    rows: Mapping[str, Sequence[Run]], split: Split, records: Records, seeds: int | None = None
) -> dict[str, list[Known]]:
    """Row -> what ``records`` hold of its last run, with seeds 0 to ``seeds - 1`` or (None) all.

    Records that were not measured on ``split`` are left out, those of other settings are not.
    """
    found: dict[str, list[Known]] = {}
    for row, runs in rows.items():
        last = replace(runs[-1], records=records)
        chosen = range(seeds) if seeds is not None else records.seeds(last.name)
        all_known = [replace(last, name=replace(last.name, seed=seed)).known() for seed in chosen]
        found[row] = [known for known in all_known if known is not None and split in known.record['metrics']]
    return found


def marked(rows: Mapping[str, Sequence[Known]]) -> dict[str, list[Record]]:
    """Row -> records; the name says where some were made with other settings than today's."""
    return {
        row + (STALE if any(each.changes for each in known) else ''): [each.record for each in known]
        for row, known in rows.items()
    }
