"""Images as viewers show them, and the way back to the pixels of their files."""

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.formats.image_orientation import image_orientation
from mmsepbn.datasets.image_file import decode_image, image_bytes, is_mat_image, read_image

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


@dataclass(frozen=True)
class ShownImage:
    """An image as viewers show it: turned by its EXIF orientation, as ``cv2.imread`` does by default.

    Attributes:
        pixels: (H, W, 3) uint8, BGR.
        orientation: 1 to 8, by which it was turned; 1: it was not.
        path: of its file; None: there is none.
    """

    pixels: NDArray[np.uint8]
    orientation: int = 1
    path: str | None = None


def open_image(path: str | os.PathLike[str]) -> ShownImage:
    """Read an image file. Raises FileNotFoundError that names one that cannot be read."""
    name = os.fspath(path)
    if is_mat_image(name):
        return ShownImage(read_image(name), path=name)
    data = image_bytes(name)
    orientation = image_orientation(data)
    return ShownImage(turned(decode_image(data, name), orientation), orientation, name)


def turned(stored: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """What is shown of the stored pixels (H, W, C) of an EXIF orientation."""
    transposed, mirror_x, mirror_y = _TURNS[orientation]
    shown = stored.swapaxes(0, 1) if transposed else stored
    return np.ascontiguousarray(shown[:: -1 if mirror_y else 1, :: -1 if mirror_x else 1])


def to_stored(points: NDArray[np.floating], orientation: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """Points (..., 2) of the image that is shown, whose width and height are ``size``, as points of the stored one."""
    transposed, *mirrored = _TURNS[orientation]
    points = np.where(mirrored, np.array(size) - 1 - np.asarray(points, np.float64), points)
    return points[..., ::-1] if transposed else points


def box_to_stored(box: NDArray[np.floating], orientation: int, size: tuple[int, int]) -> NDArray[np.float64]:
    """A box (4,) x1, y1, x2, y2 of the image that is shown as one of the stored image; see :func:`to_stored`."""
    corners = to_stored(np.asarray(box).reshape(2, 2), orientation, size)
    return np.concatenate((corners.min(axis=0), corners.max(axis=0)))
