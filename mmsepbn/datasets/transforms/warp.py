"""Resampling an image of any size by an affine map."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.transforms.affine import Matrix, transform_points

_LONGEST = 32766  # sides that OpenCV's remap takes


def warped(image: NDArray, matrix: Matrix, size: tuple[int, int]) -> NDArray:
    """The crop of ``size`` (width, height) to which ``matrix`` (3, 3) maps the image (H, W, C); black outside of it.

    Of an image that is too large for OpenCV, the part that the crop shows is taken first.
    """
    if max(image.shape[:2]) > _LONGEST:
        image, matrix = _shown_part(image, matrix, size)
    return cv2.warpAffine(image, matrix[:2], size, flags=cv2.INTER_LINEAR)


def _shown_part(image: NDArray, matrix: Matrix, size: tuple[int, int]) -> tuple[NDArray, Matrix]:
    """The pixels that a crop needs, in steps where they are still too many, and their map to the crop."""
    width, height = size
    corners = transform_points(
        np.array([[-1.0, -1], [width, -1], [-1, height], [width, height]]), np.linalg.inv(matrix)
    )
    limits = np.array(image.shape[1::-1])
    low = np.clip(np.floor(corners.min(axis=0)) - 1, 0, limits - 1).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + 2, low + 1, limits).astype(int)
    step = -(-int((high - low).max()) // _LONGEST)
    part = np.ascontiguousarray(image[low[1] : high[1] : step, low[0] : high[0] : step])
    return part, matrix @ np.array([[step, 0, low[0]], [0, step, low[1]], [0, 0, 1]])
