"""Whether a place in a video still shows what it showed a frame before."""

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 16  # pixels that the place is shrunk to, so that small movements change little
_ALIKE = 0.5  # correlation of the two
_FLAT = 2.0  # gray levels; a place whose standard deviation is below shows nothing


def still_shows(before: NDArray[np.uint8], now: NDArray[np.uint8], box: NDArray[np.floating]) -> bool:
    """Whether two frames (H, W, 3) look alike in a box (4,) x1, y1, x2, y2, whatever their brightness and contrast.

    They do not after a cut, where something came before the face, and where the frame is black or of one colour.
    """
    first, second = (_small(image, box) for image in (before, now))
    if min(first.std(), second.std()) < _FLAT:
        return False
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1]) > _ALIKE


def _small(image: NDArray[np.uint8], box: NDArray[np.floating]) -> NDArray[np.float64]:
    """The part of the image in the box, gray; flat where there is none."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = np.clip(np.rint(box), 0, (width, height, width, height)).astype(int)
    part = image[y1:y2, x1:x2]
    if not part.size:
        return np.zeros((_SIDE, _SIDE))
    small = cv2.resize(part, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float64)
