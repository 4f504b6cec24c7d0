"""Whether a place in a video still looks the same as in the previous frame."""

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 16  # pixels that the place is shrunk to, so that small movements change little
_REACH = 4  # of these pixels to each side, how far what it showed may have moved
_ALIKE = 0.5  # correlation of the two
_FLAT = 2.0  # gray levels; a place whose standard deviation is below shows nothing


def look_of(image: NDArray[np.uint8], box: NDArray[np.floating], reach: int = 0) -> NDArray[np.float32]:
    """What an image (H, W, 3) shows in a box (4,) x1, y1, x2, y2: (16 + 2 reach) pixels square, gray.

    ``reach`` is what is added around it, in these pixels. Outside the image its edge is repeated; flat if the box is
    entirely outside.
    """
    height, width = image.shape[:2]
    around = np.tile((box[2:] - box[:2]) * reach / _SIDE, 2) * (-1, -1, 1, 1)
    wanted = np.rint(box + around).astype(int)
    x1, y1, x2, y2 = np.clip(wanted, 0, (width, height, width, height))
    side = _SIDE + 2 * reach
    part = image[y1:y2, x1:x2]
    if not part.size:
        return np.zeros((side, side), np.float32)
    left, top, right, bottom = np.abs(wanted - (x1, y1, x2, y2))
    whole = cv2.copyMakeBorder(part, top, bottom, left, right, cv2.BORDER_REPLICATE)
    small = cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)


def still_shows(before: NDArray[np.float32], now: NDArray[np.uint8], box: NDArray[np.floating]) -> bool:
    """Whether a frame (H, W, 3) shows, in a box or near it, what the previous one did in it (its :func:`look_of`).

    Whatever their brightness and contrast. It does not after a cut, where something came before the face, and where
    the frame is black or of one colour. What moves may do so by a quarter of the box.
    """
    around = look_of(now, box, _REACH)
    if min(before.std(), around[_REACH:-_REACH, _REACH:-_REACH].std()) < _FLAT:
        return False
    return float(cv2.matchTemplate(around, before, cv2.TM_CCOEFF_NORMED).max()) > _ALIKE
