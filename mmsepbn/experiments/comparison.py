"""The difference of two rows of a table, with its confidence interval over seeds."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from mmsepbn.experiments.summary import RowRecords, default_columns, metric_values
from mmsepbn.experiments.table import Split


@dataclass(frozen=True)
class Comparison:
    """The change of a mean from a reference, in percent of the reference's mean; lower is better for NME.

    Attributes:
        change: of the means, in percent; NaN where the reference is 0.
        low, high: ends of its 95 % confidence interval, in percent; infinite with one seed. They cover chance in
            training, not the choice of test faces.
    """

    change: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``lower``, ``higher``, or ``inconclusive`` where the interval holds 0."""
        if self.high < 0:
            return 'lower'
        return 'higher' if self.low > 0 else 'inconclusive'

    def __str__(self) -> str:
        if np.isnan(self.change):
            return 'no percentage, as the reference is 0'
        interval = f'95 %: {self.low:+.1f} to {self.high:+.1f}' if np.isfinite(self.high) else 'one seed'
        return f'{self.change:+.1f} % ({interval})'


def compare(values: ArrayLike, reference: ArrayLike) -> Comparison:
    """Compare two rows by a metric, by Welch's t-test over seeds.

    Over several tables the seed stays the unit: runs of one seed may share a stage of training, and share their first
    weights, so a seed counts once, by the mean over tables of its values relative to the table's reference.

    Args:
        values: a row's metric, (seeds,) or (tables, seeds); the seeds in one order in all tables.
        reference: likewise; it may have other seeds.

    Raises:
        ValueError: one of them is empty, or the tables are not as many in both.
    """
    values, reference = np.atleast_2d(values), np.atleast_2d(reference)
    if not values.size or not reference.size or len(values) != len(reference):
        raise ValueError(
            'compare(values=, reference=) must hold a value at least, (seeds,) or (tables, seeds), of equally many '
            f'tables. Got the shapes {values.shape} and {reference.shape}.'
        )
    sizes = np.abs(reference.mean(axis=1, keepdims=True))
    if not sizes.all():
        return Comparison(np.nan, -np.inf, np.inf)
    ours, theirs = (100 * (row / sizes).mean(axis=0) for row in (values, reference))
    change = ours.mean() - theirs.mean()
    if min(len(ours), len(theirs)) < 2:
        return Comparison(change, -np.inf, np.inf)
    interval = stats.ttest_ind(ours, theirs, equal_var=False).confidence_interval(0.95)
    return Comparison(change, interval.low, interval.high)


def comparison_lines(
    pairs: Iterable[tuple[str, str]], records: RowRecords, split: Split, column: str | None = None
) -> list[str]:
    """``- ROW against REFERENCE: CHANGE, VERDICT.`` for each pair of rows that have records.

    Args:
        pairs: a row and the row it is compared with.
        records: row -> records of its seeds.
        split: which of the measurements to compare.
        column: the metric; None: the first of the default columns.

    Raises:
        MissingMetricError: a row has no such metric.
    """
    columns = [column] if column else default_columns(records, split)
    lines = []
    for row, reference in pairs:
        if records.get(row) and records.get(reference):
            change = compare(*(metric_values(records[each], split, columns[0]) for each in (row, reference)))
            lines.append(f'- {row} against {reference}: {change}, {change.verdict}.')
    return lines
