"""Rows of a table in chosen columns, of which a row may lack some."""

from collections.abc import Mapping, Sequence
from statistics import mean, stdev

from mmsepbn.evaluation.results_table import format_metric
from mmsepbn.experiments.record import Record
from mmsepbn.experiments.table import Split


def column_table(title: str, records: Mapping[str, Sequence[Record]], split: Split, columns: Mapping[str, str]) -> str:
    """A line for each row and a column for each entry of ``columns``, heading -> metric; ``-`` where it has none."""
    lines = [['row', 'seeds', *columns], ['---', *['---:'] * (len(columns) + 1)]]
    for row, results in records.items():
        lines.append([row, str(len(results)), *(_cell(results, split, metric) for metric in columns.values())])
    return f'### {title}\n\n' + '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _cell(results: Sequence[Record], split: Split, metric: str) -> str:
    measured = [record['metrics'][split] for record in results]
    if not all(metric in metrics for metrics in measured):
        return '-'
    values, kind = [metrics[metric] for metrics in measured], metric.rpartition('/')[2]
    spread = f' ± {format_metric(kind, stdev(values))}' if len(values) > 1 else ''
    return format_metric(kind, mean(values)) + spread
