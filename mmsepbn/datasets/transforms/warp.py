"""Resampling an image of any size by an affine map."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.image_part import part_to_image
from mmsepbn.datasets.transforms.affine import Matrix, transform_points

_LONGEST = 32766  # sides that OpenCV's remap takes


def warped(image: NDArray, matrix: Matrix, size: tuple[int, int], antialias: bool = False) -> NDArray:
    """The crop of ``size`` (width, height) to which ``matrix`` (3, 3) maps the image (H, W, C); black outside of it.

    An image that is too large for OpenCV is first cut to the part that the crop shows.

    Args:
        image: of uint8 or float32.
        matrix: from image pixels to crop pixels.
        size: of the crop.
        antialias: where the crop shrinks the image by a whole number n > 1 or more, in the direction in which it does
            so least, interpolate between the means of its n x n pixels.
    """
    if antialias and (step := int(1 / np.linalg.norm(matrix[:2, :2], 2))) > 1:
        image, matrix = _averaged(image, matrix, size, step)
    if max(image.shape[:2]) > _LONGEST:
        image, matrix = _shown_part(image, matrix, size)
    return cv2.warpAffine(image, matrix[:2], size, flags=cv2.INTER_LINEAR)


def _averaged(image: NDArray, matrix: Matrix, size: tuple[int, int], step: int) -> tuple[NDArray, Matrix]:
    """The means of ``step`` x ``step`` pixels of what a crop needs, black outside of the image, and their map to it."""
    low, high = _shown(image, matrix, size, margin=2 * step)
    part = image[low[1] : high[1], low[0] : high[0]]
    down, right = (-side % step for side in part.shape[:2])
    if down or right:
        part = cv2.copyMakeBorder(part, 0, down, 0, right, cv2.BORDER_CONSTANT)
    means = cv2.resize(part, (part.shape[1] // step, part.shape[0] // step), interpolation=cv2.INTER_AREA)
    return means, matrix @ part_to_image(low[0], low[1], step, step)


def _shown_part(image: NDArray, matrix: Matrix, size: tuple[int, int]) -> tuple[NDArray, Matrix]:
    """The pixels that a crop needs, in steps where they are still too many, and their map to the crop."""
    low, high = _shown(image, matrix, size, margin=1)
    step = -(-int((high - low).max()) // _LONGEST)
    part = np.ascontiguousarray(image[low[1] : high[1] : step, low[0] : high[0] : step])
    return part, matrix @ np.array([[step, 0, low[0]], [0, step, low[1]], [0, 0, 1]])


def _shown(
    image: NDArray, matrix: Matrix, size: tuple[int, int], margin: int
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """First x, y, and those behind the last, of the pixels that a crop shows, and ``margin`` more; at least one."""
    width, height = size
    corners = transform_points(
        np.array([[-1.0, -1], [width, -1], [-1, height], [width, height]]), np.linalg.inv(matrix)
    )
    limits = np.array(image.shape[1::-1])
    low = np.clip(np.floor(corners.min(axis=0)) - margin, 0, limits - 1).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + margin + 1, low + 1, limits).astype(int)
    return low, high
