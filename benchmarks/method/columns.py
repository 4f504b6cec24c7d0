"""Rows of a table in chosen columns, of which a row may lack some."""

from collections.abc import Mapping, Sequence

from mmsepbn.evaluation.results_table import mean_std
from mmsepbn.experiments.record import Record
from mmsepbn.experiments.table import Split
from mmsepbn.markdown_table import markdown_table


def column_table(title: str, records: Mapping[str, Sequence[Record]], split: Split, columns: Mapping[str, str]) -> str:
    """A line for each row and a column for each entry of ``columns``, heading -> metric; ``-`` where it has none."""
    rows = (
        [row, str(len(results)), *(_cell(results, split, metric) for metric in columns.values())]
        for row, results in records.items()
    )
    return f'### {title}\n\n{markdown_table(["row", "seeds", *columns], rows, "lr")}'


def _cell(results: Sequence[Record], split: Split, metric: str) -> str:
    measured = [record['metrics'][split] for record in results]
    if not all(metric in metrics for metrics in measured):
        return '-'
    return mean_std(metric.rpartition('/')[2], [metrics[metric] for metrics in measured])
