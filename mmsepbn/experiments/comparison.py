"""How far one row of a table lies from another, and how sure the seeds make of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Comparison:
    """The change of a mean from a reference, in percent of the reference's mean; lower is better for NME.

    Attributes:
        change: of the means, in percent.
        error: its standard error over seeds, in percent; infinite with one seed. It knows of chance in training, not of
            the choice of test faces.
        freedom: degrees of freedom of the error.
    """

    change: float
    error: float
    freedom: float

    @property
    def low(self) -> float:
        """Lower end of the 95 % confidence interval of the change."""
        return self.change - self._reach()

    @property
    def high(self) -> float:
        """Upper end of the 95 % confidence interval of the change."""
        return self.change + self._reach()

    @property
    def verdict(self) -> str:
        """``lower``, ``higher``, or ``cannot be told`` where the interval holds 0."""
        if self.high < 0:
            return 'lower'
        return 'higher' if self.low > 0 else 'cannot be told'

    def __str__(self) -> str:
        interval = f' (95 %: {self.low:+.1f} to {self.high:+.1f})' if np.isfinite(self.error) else ' (one seed)'
        return f'{self.change:+.1f} %{interval}'

    def _reach(self) -> float:
        return float(self.error * stats.t.ppf((1 + _CONFIDENCE) / 2, self.freedom))


def compare(values: Sequence[float], reference: Sequence[float]) -> Comparison:
    """Compare two rows by a metric over their seeds, as Welch's t-test does. ValueError where one has no value."""
    if not values or not reference:
        raise ValueError('compare() needs a value of each row.')
    change = 100 * (np.mean(values) / np.mean(reference) - 1)
    if min(len(values), len(reference)) < 2:
        return Comparison(float(change), np.inf, 1)
    errors = [100 * stats.sem(row) / np.mean(reference) for row in (values, reference)]
    return Comparison(float(change), *_combined(errors, [len(values) - 1, len(reference) - 1]))


def pool(comparisons: Sequence[Comparison]) -> Comparison:
    """The mean change over several data sets. Raises ValueError where there is none."""
    if not comparisons:
        raise ValueError('pool() needs a comparison.')
    count = len(comparisons)
    change = sum(comparison.change for comparison in comparisons) / count
    if any(np.isinf(comparison.error) for comparison in comparisons):
        return Comparison(change, np.inf, 1)
    errors = [comparison.error / count for comparison in comparisons]
    return Comparison(change, *_combined(errors, [comparison.freedom for comparison in comparisons]))


def _combined(errors: Sequence[float], freedoms: Sequence[float]) -> tuple[float, float]:
    """Standard error of a sum and its degrees of freedom (Welch-Satterthwaite)."""
    squares = np.square(errors)
    variance = squares.sum()
    if variance == 0:
        return 0.0, float(sum(freedoms))
    return float(np.sqrt(variance)), float(variance**2 / (squares**2 / np.array(freedoms)).sum())
