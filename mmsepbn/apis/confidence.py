"""How far predictions on changed crops of a face disagree, which tells how reliable landmarks are.

This module only computes with landmarks; crops and predictions are made elsewhere.
"""

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.transforms.affine import CropAugmentation, Matrix, transform_points
from mmsepbn.protocols import Protocol

PASSES = 4
_SHIFT = 0.05  # of the box's side: what detectors differ by, and less than what training shifts boxes by


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
