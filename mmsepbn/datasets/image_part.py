"""A part of an image, possibly downscaled, from which a crop is cut instead of the full image."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class ImagePart(NamedTuple):
    """The part read of an image.

    Attributes:
        pixels: (H, W, 3) uint8 BGR.
        to_image: (3, 3), from pixels of the part to those of the whole image; None: they are the same.
        shape: height and width of the whole image.
    """

    pixels: NDArray[np.uint8]
    to_image: NDArray[np.float64] | None
    shape: tuple[int, ...]


def part_to_image(left: float, top: float, step_x: float, step_y: float) -> NDArray[np.float64]:
    """The map from a part, whose pixels are the means of ``step_x`` x ``step_y`` pixels of the image, to the image.

    A pixel's centre has integer coordinates: that of the part's first one is at ``left + (step_x - 1) / 2``.

    Args:
        left: first column of the image that is in the part.
        top: first row.
        step_x: columns of the image in one of the part.
        step_y: rows.
    """
    return np.array(
        [[step_x, 0, left + (step_x - 1) / 2], [0, step_y, top + (step_y - 1) / 2], [0, 0, 1]], dtype=np.float64
    )
