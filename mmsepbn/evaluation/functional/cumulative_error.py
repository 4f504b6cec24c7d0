"""Summaries of the per-face errors of a test set: cumulative error distribution, its area, failure rate.

Errors and thresholds are fractions of the normalizer, as :func:`normalized_mean_error` returns them.
"""

import numpy as np
from numpy.typing import NDArray


def cumulative_error(errors: NDArray[np.floating], thresholds: NDArray[np.floating]) -> NDArray[np.float64]:
    """Share of faces whose error is at most each threshold (the CED curve): (N,), (M,) -> (M,)."""
    ordered = np.sort(_checked(errors))
    return np.searchsorted(ordered, np.asarray(thresholds, np.float64), side='right') / len(ordered)


def failure_rate(errors: NDArray[np.floating], threshold: float = 0.1) -> float:
    """Share of faces whose error is above ``threshold``, a fraction."""
    return float(np.mean(_checked(errors) > threshold))


def area_under_ced(errors: NDArray[np.floating], threshold: float = 0.1) -> float:
    """Area under the CED curve from 0 to ``threshold``, divided by ``threshold``: 1 for no error at all.

    The curve is a step function, so its integral is exact: the mean of ``max(0, 1 - error / threshold)``.

    Raises:
        ValueError: a threshold that is not a number above 0; errors that are none.
    """
    if not 0 < threshold < np.inf:
        raise ValueError(f'area_under_ced(threshold=) must be a number above 0. Got {threshold}.')
    return float(np.mean(np.clip(1.0 - _checked(errors) / threshold, 0.0, None)))


def _checked(errors: NDArray[np.floating]) -> NDArray[np.float64]:
    errors = np.asarray(errors, np.float64)
    if errors.ndim != 1 or not errors.size:
        raise ValueError(f'errors must be (N,) with N at least 1. Got shape {errors.shape}.')
    if np.isnan(errors).any():
        raise ValueError(f'errors must be numbers. Row {np.flatnonzero(np.isnan(errors))[0]} is NaN.')
    return errors
