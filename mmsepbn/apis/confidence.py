"""Confidence of landmarks: how far predictions on changed crops of a face disagree, calibrated by validation faces.

This module only computes with landmarks; crops and predictions are made elsewhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.transforms.affine import CropAugmentation, Matrix, transform_points
from mmsepbn.protocols import Protocol

PASSES = 4
_SHIFT = 0.05  # of the box's side: what detectors differ by, and less than what training shifts boxes by
_NONE = 1e-6  # of the side; below the resolution of float32


@dataclass(frozen=True)
class Calibration:
    """The share of validation faces that was right at a disagreement, as a logistic curve.

    Attributes:
        half: the disagreement at which one face in two is right, as a fraction of the box's side.
        slope: how steeply the share falls, above 0.
        tolerance: what counts as right: an NME of at most this fraction.
    """

    half: float
    slope: float
    tolerance: float

    def __post_init__(self) -> None:
        """Refuse what is no curve."""
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < np.inf:
                raise ValueError(f'Calibration({name}=) must be a number above 0. Got {value!r}.')

    def __call__(self, disagreements: NDArray[np.floating]) -> NDArray[np.float64]:
        """Confidence of each face, 0 to 1: disagreements (N,) -> (N,)."""
        depth = self.slope * np.log(np.maximum(disagreements, _NONE) / self.half)
        return 1 / (1 + np.exp(np.clip(depth, -500, 500)))


def crop_changes(passes: int = PASSES) -> tuple[CropAugmentation, ...]:
    """The change of the crop in each pass: none, mirrored, then the box shifted and resized.

    Every other of the latter is also mirrored. They are the same for all faces, so results are repeatable.

    Raises:
        ValueError: fewer than two passes, which cannot disagree.
    """
    if passes < 2:
        raise ValueError(f'FaceLandmarker(confidence=) must be at least 2 passes. Got {passes}.')
    corners = np.random.default_rng(0).uniform(-_SHIFT, _SHIFT, (passes, 4))
    changed = [
        CropAugmentation(corner_shift=(float(x1), float(y1), float(x2), float(y2)), flip=place % 2 == 1)
        for place, (x1, y1, x2, y2) in enumerate(corners)
    ]
    return (CropAugmentation(), CropAugmentation(flip=True), *changed[2:])


def image_points(
    crop_points: NDArray[np.floating], matrix: Matrix, change: CropAugmentation, protocol: Protocol
) -> NDArray[np.float64]:
    """Landmarks of a pass (L, 2) in image pixels, in the protocol's order: from those in pixels of its crop.

    Args:
        crop_points: (L, 2).
        matrix: from image to crop, of :func:`crop_matrix` with ``change``.
        change: of :func:`crop_changes`.
        protocol: the mark-up of the landmarks.
    """
    points = transform_points(crop_points, np.linalg.inv(matrix))
    return points[list(protocol.flip_indices)] if change.flip else points


def disagreement(passes: NDArray[np.floating], sides: NDArray[np.floating]) -> NDArray[np.float64]:
    """How far passes are from their mean, as a fraction of the box's side: (P, N, L, 2), (N,) -> (N,).

    Root of the variance over passes (with P - 1 in the denominator, so it depends little on their number), averaged
    over landmarks.
    """
    spread = np.var(np.asarray(passes, np.float64), axis=0, ddof=1).sum(axis=-1)
    return np.sqrt(spread.mean(axis=-1)) / np.asarray(sides, np.float64)


def calibrate(disagreements: NDArray[np.floating], errors: NDArray[np.floating], tolerance: float) -> Calibration:
    """The maximum-likelihood curve (Platt's method, on the logarithm of the disagreement).

    Args:
        disagreements: (N,) of validation faces, see :func:`disagreement`.
        errors: (N,) their NME as fractions.
        tolerance: what counts as right.

    Raises:
        ValueError: these faces do not show a share of right faces that falls with disagreement.
    """
    right = np.asarray(errors) <= tolerance
    wrong = len(right) - right.sum()
    if not 0 < wrong < len(right):
        raise ValueError(
            f'calibrate(tolerance=) must lie among the errors of the faces. Got {tolerance}, and {wrong} wrong of '
            f'{len(right)} faces.'
        )
    from scipy.optimize import minimize  # predicting does without SciPy

    # Platt's targets, which keep the curve finite where right and wrong do not overlap.
    target = np.where(right, 1 - 1 / (right.sum() + 2), 1 / (wrong + 2))
    depth = np.log(np.maximum(disagreements, _NONE))
    middle = depth.mean()

    def surprise(weights: NDArray[np.float64]) -> float:
        logits = weights[0] - weights[1] * (depth - middle)
        return float(np.logaddexp(0, logits).sum() - target @ logits)

    offset, slope = minimize(surprise, np.array([0.0, 1.0])).x
    if not slope > 0:
        raise ValueError(f'Passes must disagree more where errors are larger. Here they do not: slope {slope:.3g}.')
    return Calibration(float(np.exp(middle + offset / slope)), float(slope), tolerance)
