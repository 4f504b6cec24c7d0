"""Coordinates for OpenCV's drawing, which takes whole numbers."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SHIFT = 4  # bits of fraction, to be given to the drawing functions of OpenCV


def fixed_point(values: ArrayLike) -> NDArray[np.int32]:
    """Pixels, as numbers of any shape, in sixteenths of a pixel."""
    return np.rint(np.asarray(values) * (1 << SHIFT)).astype(np.int32)
