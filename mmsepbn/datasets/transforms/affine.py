"""Affine maps between image and crop as pure functions. Points are column vectors, matrices 3 x 3, units pixels.

A pixel's centre has integer coordinates, as in OpenCV. A face box x1, y1, x2, y2 maps to 0, 0, W, H of the crop.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.boxes import square_box as square_box  # users import it from here

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class CropAugmentation:
    """Parameters of one random crop; the defaults change nothing.

    Attributes:
        rotation: degrees, clockwise as seen in the image.
        shear: horizontal shift per vertical distance from the box centre.
        corner_shift: shifts of x1, y1, x2, y2 as fractions of the box side.
        flip: mirror the crop horizontally.
    """

    rotation: float = 0.0
    shear: float = 0.0
    corner_shift: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    flip: bool = False


def crop_matrix(
    square: NDArray[np.floating], size: tuple[int, int], augmentation: CropAugmentation | None = None
) -> Matrix:
    """The one map from image to crop: shear and rotate about the box centre, cut the shifted box, mirror.

    Args:
        square: box of the face, see :func:`mmsepbn.boxes.square_box`.
        size: width and height of the crop.
        augmentation: None for a plain crop.
    """
    augmentation = augmentation or CropAugmentation()
    x1, y1, x2, y2 = np.asarray(square, np.float64)
    turn = _about((x1 + x2) / 2, (y1 + y2) / 2, _rotation(augmentation.rotation) @ _shear(augmentation.shear))
    shifted = np.array([x1, y1, x2, y2]) + np.asarray(augmentation.corner_shift) * (x2 - x1)
    matrix = _box_to_crop(shifted, size) @ turn
    return _mirror(size[0]) @ matrix if augmentation.flip else matrix


def transform_points(points: NDArray[np.floating], matrix: Matrix) -> NDArray[np.float64]:
    """Map points of shape (..., 2)."""
    return np.asarray(points, np.float64) @ matrix[:2, :2].T + matrix[:2, 2]


def _rotation(degrees: float) -> Matrix:
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def _shear(factor: float) -> Matrix:
    return np.array([[1.0, factor, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def _translation(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _about(x: float, y: float, matrix: Matrix) -> Matrix:
    return _translation(x, y) @ matrix @ _translation(-x, -y)


def _box_to_crop(box: NDArray[np.float64], size: tuple[int, int]) -> Matrix:
    scale_x, scale_y = size[0] / (box[2] - box[0]), size[1] / (box[3] - box[1])
    return np.diag([scale_x, scale_y, 1.0]) @ _translation(-box[0], -box[1])


def _mirror(width: int) -> Matrix:
    """Column x goes to column W - 1 - x, as in a mirrored array."""
    return np.array([[-1.0, 0.0, width - 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
