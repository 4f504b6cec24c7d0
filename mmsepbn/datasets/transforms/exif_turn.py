"""Apply an EXIF orientation to pixels, points and boxes, and undo it."""

import numpy as np
from numpy.typing import NDArray

from mmsepbn.boxes import box_around

# EXIF orientation -> whether what is shown is the stored image transposed, and then mirrored along x, along y.
_TURNS = {
    1: (False, False, False),
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}


def turned(stored: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The stored pixels (H, W, C) as shown under an EXIF orientation."""
    transposed, mirror_x, mirror_y = _TURNS[orientation]
    shown = stored.swapaxes(0, 1) if transposed else stored
    return np.ascontiguousarray(shown[:: -1 if mirror_y else 1, :: -1 if mirror_x else 1])


def is_mirrored(orientation: int) -> bool:
    """Whether what is shown under an EXIF orientation is a mirror image of what is stored."""
    return sum(_TURNS[orientation]) % 2 == 1


def to_stored(points: NDArray[np.floating], orientation: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """Points (..., 2) of the image that is shown, whose width and height are ``size``, as points of the stored one."""
    transposed, *mirrored = _TURNS[orientation]
    points = np.where(mirrored, np.array(size) - 1 - np.asarray(points, np.float64), points)
    return points[..., ::-1] if transposed else points


def box_to_stored(box: NDArray[np.floating], orientation: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """A box (4,) x1, y1, x2, y2 of the image that is shown as one of the stored image; see :func:`to_stored`."""
    return box_around(to_stored(np.asarray(box).reshape(2, 2), orientation, size))


def to_shown(points: NDArray[np.floating], orientation: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """The reverse of :func:`to_stored`; ``size`` is that of the image that is shown here too."""
    transposed, *mirrored = _TURNS[orientation]
    points = np.asarray(points, np.float64)[..., :: -1 if transposed else 1]
    return np.where(mirrored, np.array(size) - 1 - points, points)


def box_to_shown(box: NDArray[np.floating], orientation: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """The reverse of :func:`box_to_stored`."""
    return box_around(to_shown(np.asarray(box).reshape(2, 2), orientation, size))
