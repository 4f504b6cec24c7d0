"""Smooth one-dimensional curves through control values, and points along polylines."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Curves = dict[str, NDArray[np.float64]]  # name -> (P, D)


def smooth_interp(at: ArrayLike, knots: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
    """Cubic Hermite curve through ``values`` (K, ...) at ascending ``knots`` (K,), constant outside: (...) per ``at``.

    Tangents are limited to keep runs of rising values rising (Fritsch-Carlson), so profiles do not ring.
    Not scipy's ``PchipInterpolator``, which weighs slopes by the knots' distances and has other tangents at the ends:
    its curves differ by 1 to 2 % of their height, and the benchmark's faces must stay what their checksums say.
    """
    at, knots, values = np.asarray(at, float), np.asarray(knots, float), np.asarray(values, float)
    trailing = (1,) * (values.ndim - 1)
    widths = np.diff(knots)
    steps = widths.reshape(-1, *trailing)
    slopes = np.diff(values, axis=0) / steps
    before, after = slopes[:-1], slopes[1:]
    product = before * after
    harmonic = np.where(product > 0, 2.0 * product / np.where(product > 0, before + after, 1.0), 0.0)
    tangents = np.concatenate((slopes[:1], harmonic, slopes[-1:]))
    at = np.clip(at, knots[0], knots[-1])
    index = np.searchsorted(knots[1:-1], at, side='right')
    t = ((at - knots[index]) / widths[index]).reshape(*at.shape, *trailing)
    step = steps[index]
    return (
        (1 + 2 * t) * (1 - t) ** 2 * values[index]
        + t * (1 - t) ** 2 * step * tangents[index]
        + t**2 * (3 - 2 * t) * values[index + 1]
        + t**2 * (t - 1) * step * tangents[index + 1]
    )


def smoothstep(low: float, high: float, x: ArrayLike) -> NDArray[np.floating]:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((np.asarray(x) - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def along(polyline: NDArray[np.float64], places: ArrayLike) -> NDArray[np.float64]:
    """Points at ``places`` (n,), 0 to 1 by vertex count, of a (P, D) polyline: (n, D)."""
    at = np.asarray(places, float) * (len(polyline) - 1)
    index = np.minimum(at.astype(int), len(polyline) - 2)
    part = (at - index)[:, None]
    return polyline[index] * (1.0 - part) + polyline[index + 1] * part


def even_along(polyline: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """``count`` points at equal arc lengths of a (P, D) polyline, ends included: (count, D)."""
    lengths = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(polyline, axis=0), axis=1))))
    places = np.linspace(0.0, lengths[-1], count)
    return np.stack([np.interp(places, lengths, axis) for axis in polyline.T], axis=1)
