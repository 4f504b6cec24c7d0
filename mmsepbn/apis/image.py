"""Images as viewers show them."""

import os
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.formats.image_file import decode_image, image_bytes, is_mat_image, read_image
from mmsepbn.datasets.formats.image_orientation import image_orientation
from mmsepbn.datasets.transforms.exif_turn import turned

_ADDRESS = re.compile(r'[a-z][a-z0-9+.-]+:/', re.IGNORECASE)  # a Path keeps one of its two slashes


@dataclass(frozen=True)
class ShownImage:
    """An image as viewers show it: rotated by its EXIF orientation, as ``cv2.imread`` does by default.

    Attributes:
        pixels: (H, W, 3) uint8, BGR.
        orientation: EXIF orientation that was applied, 1 to 8; 1: none.
        path: of its file; None for an array.
    """

    pixels: NDArray[np.uint8]
    orientation: int = 1
    path: str | None = None


def open_image(path: str | os.PathLike[str]) -> ShownImage:
    """Read an image file. Raises FileNotFoundError that names one that cannot be read."""
    name = os.path.expanduser(path)
    if not name:
        raise FileNotFoundError("The path of an image must not be empty. Got ''.")
    refuse_address(name)
    if is_mat_image(name):
        return ShownImage(read_image(name), path=name)
    data = image_bytes(name)
    orientation = image_orientation(data)
    return ShownImage(turned(decode_image(data, name), orientation), orientation, name)


def refuse_address(path: str) -> None:
    """FileNotFoundError where the path is an address, such as ``https://...``, unless a file has that name."""
    if _ADDRESS.match(path) and not os.path.lexists(path):
        raise FileNotFoundError(f'An image or video must be a file; addresses are not fetched. Got {path}.')
