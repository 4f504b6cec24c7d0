"""The linear map from one kind of face box to another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class BoxMap:
    """Shift and scale of a square box, as fractions of its side; the default changes nothing.

    Attributes:
        shift_x, shift_y: what is added to the centre.
        scale: factor on the side.
    """

    shift_x: float = 0.0
    shift_y: float = 0.0
    scale: float = 1.0

    def __call__(self, square: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map a square box (..., 4), x1, y1, x2, y2."""
        boxes = np.asarray(square, np.float64)
        side = boxes[..., 2:3] - boxes[..., :1]
        centre = (boxes[..., :2] + boxes[..., 2:]) / 2 + side * np.array([self.shift_x, self.shift_y])
        half = side * self.scale / 2
        return np.concatenate((centre - half, centre + half), axis=-1)
