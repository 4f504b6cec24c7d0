"""Normalized mean error of landmarks (paper Eq. 8)."""

import numpy as np
from numpy.typing import NDArray


def normalized_mean_error(
    predicted: NDArray[np.floating],
    truth: NDArray[np.floating],
    normalizers: NDArray[np.floating],
    annotated: NDArray[np.floating] | None = None,
) -> NDArray[np.float64]:
    """Mean distance of predicted and true landmarks of each face, as a fraction of its normalizer.

    Args:
        predicted: (N, L, 2) in image pixels.
        truth: (N, L, 2) in image pixels.
        normalizers: (N,) lengths in image pixels, see :meth:`Protocol.normalizers`.
        annotated: (N, L), positive where the landmark counts; None: all count.

    Returns:
        (N,) fractions, not percent.

    Raises:
        ValueError: shapes do not agree; a normalizer is not positive; a face has no annotated landmark. Names rows.
    """
    predicted, truth = np.asarray(predicted, np.float64), np.asarray(truth, np.float64)
    normalizers = np.asarray(normalizers, np.float64)
    if predicted.shape != truth.shape or predicted.ndim != 3 or predicted.shape[2] != 2:
        raise ValueError(f'predicted and truth must both be (N, L, 2). Got {predicted.shape} and {truth.shape}.')
    if normalizers.shape != predicted.shape[:1]:
        raise ValueError(f'normalizers must be ({predicted.shape[0]},). Got {normalizers.shape}.')
    bad = np.flatnonzero(~(normalizers > 0) | ~np.isfinite(normalizers))
    if bad.size:
        raise ValueError(f'normalizers must be positive. Row {bad[0]} holds {normalizers[bad[0]]}.')
    counts = np.ones(predicted.shape[:2], bool) if annotated is None else np.asarray(annotated) > 0
    if (~counts.any(axis=1)).any():
        raise ValueError(
            f'Every face needs an annotated landmark. Row {np.flatnonzero(~counts.any(axis=1))[0]} has none.'
        )
    distances = np.where(counts, np.linalg.norm(predicted - truth, axis=2), 0.0)
    return distances.sum(axis=1) / counts.sum(axis=1) / normalizers
