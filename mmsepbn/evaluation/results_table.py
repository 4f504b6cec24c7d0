"""Metric rows as a text table."""

import re
from collections.abc import Mapping, Sequence
from statistics import mean, stdev

from rich.console import Console
from rich.table import Table


def group_rows(rows: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """``{'wflw/pose/NME': 5.0}`` -> ``{'wflw/pose': {'NME': 5.0}}``, in the given order."""
    grouped: dict[str, dict[str, float]] = {}
    for key, value in rows.items():
        name, metric = key.rsplit('/', 1)
        grouped.setdefault(name, {})[metric] = value
    return grouped


def results_table(rows: Mapping[str, float]) -> str:
    """A line for each set and subset, a column for each metric; NME and FR in percent, AUC a fraction."""
    grouped = group_rows(rows)
    metrics = list(dict.fromkeys(metric for values in grouped.values() for metric in values))
    table = Table('test set')
    for metric in metrics:
        table.add_column(heading(metric), justify='right')
    for name, values in grouped.items():
        table.add_row(name, *cells(values, metrics))
    console = Console(width=100, no_color=True)
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip()


def cells(values: Mapping[str, float], metrics: Sequence[str]) -> list[str]:
    """A row's values of the metrics; empty where it has none, as where each set has thresholds of its own."""
    return [format_metric(metric, values[metric]) if metric in values else '' for metric in metrics]


def heading(metric: str) -> str:
    """Name and unit of a metric; ``FR_0.10`` is shown as the papers write it, ``FR@0.10 %``. A user's has none."""
    shown = re.sub('^(FR|AUC)_', r'\1@', metric)
    return f'{shown} %' if metric in ('NME', 'found') or metric.startswith('FR_') else shown


def format_metric(metric: str, value: float) -> str:
    """Three decimals for an AUC, two for percents."""
    return f'{value:.3f}' if metric.startswith('AUC') else f'{value:.2f}'


def mean_std(metric: str, values: Sequence[float]) -> str:
    """The mean of a metric over seeds, with the standard deviation where there are several."""
    spread = f' ± {format_metric(metric, stdev(values))}' if len(values) > 1 else ''
    return format_metric(metric, mean(values)) + spread
