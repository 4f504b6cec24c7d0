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
        low, high: 95 % confidence interval of the change by Welch's t-test over seeds; infinite with one seed. It knows
            of chance in training, not of the choice of test faces.
    """

    change: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """``lower``, ``higher``, or ``cannot be told`` where the interval holds 0."""
        if self.high < 0:
            return 'lower'
        return 'higher' if self.low > 0 else 'cannot be told'

    def __str__(self) -> str:
        interval = f' (95 %: {self.low:+.1f} to {self.high:+.1f})' if np.isfinite(self.low) else ' (one seed)'
        return f'{self.change:+.1f} %{interval}'


def compare(values: Sequence[float], reference: Sequence[float]) -> Comparison:
    """Compare two rows by a metric over their seeds. Raises ValueError where one of them has no value."""
    if not values or not reference:
        raise ValueError('compare() needs a value of each row.')
    scale = 100 / np.mean(reference)
    change = scale * (np.mean(values) - np.mean(reference))
    if min(len(values), len(reference)) < 2:
        return Comparison(float(change), -np.inf, np.inf)
    low, high = stats.ttest_ind(values, reference, equal_var=False).confidence_interval(_CONFIDENCE)
    return Comparison(float(change), float(scale * low), float(scale * high))
