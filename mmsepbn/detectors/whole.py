"""Images that are already cropped to one face."""

import numpy as np
from numpy.typing import NDArray

from mmsepbn.detectors.detector import Found


class WholeImage:
    """Uses the whole image as the box of a single face."""

    name = 'whole'

    def __call__(self, image: NDArray[np.uint8], path: str | None = None) -> Found:
        """The box 0, 0, width, height."""
        height, width = image.shape[:2]
        return Found(np.array([[0.0, 0.0, width, height]]))
