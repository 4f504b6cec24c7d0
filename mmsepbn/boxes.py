"""Arithmetic of boxes x1, y1, x2, y2 in pixels."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]


def square_box(boxes: NDArray[np.floating], padding: float = 1.0) -> Boxes:
    """Each box made square on its longer side about its centre and enlarged by ``padding``: (..., 4) -> (..., 4)."""
    boxes = np.asarray(boxes, np.float64)
    half = (boxes[..., 2:] - boxes[..., :2]).max(axis=-1, keepdims=True) * padding / 2
    middle = centres(boxes)
    return np.concatenate((middle - half, middle + half), axis=-1)


def centres(boxes: Boxes) -> NDArray[np.float64]:
    """Their centres: (..., 4) -> (..., 2)."""
    return (boxes[..., :2] + boxes[..., 2:]) / 2


def overlaps(first: Boxes, second: Boxes) -> NDArray[np.float64]:
    """Intersection over union of each box of one list with each of the other: (N, 4), (M, 4) -> (N, M)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    return common / (areas[0][:, None] + areas[1][None] - common)


def box_around(points: NDArray[np.float64]) -> Boxes:
    """The tight box (4,) around points (N, 2)."""
    return np.concatenate((points.min(axis=0), points.max(axis=0)))
