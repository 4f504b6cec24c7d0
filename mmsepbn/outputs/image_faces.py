"""The faces of one image, the input of every format."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.apis.face import Face
from mmsepbn.datasets.transforms.exif_turn import is_mirrored, to_stored
from mmsepbn.protocols import Protocol

DECIMALS = 3  # of coordinates in files, in pixels


@dataclass(frozen=True)
class ImageFaces:
    """One image and its faces.

    Attributes:
        path: of the image, as it was given.
        name: its path relative to the common folder of all images, with ``/``.
        size: width and height as viewers show it, in pixels.
        orientation: EXIF orientation, by which viewers rotate it; see :class:`ShownImage`.
        faces: in pixels of the image that viewers show.
    """

    path: str
    name: str
    size: tuple[int, int]
    orientation: int
    faces: Sequence[Face]


def stored_landmarks(image: ImageFaces, face: Face, protocol: Protocol) -> NDArray[np.float64]:
    """Landmarks (L, 2) of a face of the image in 0-based pixels as its file has them stored.

    If viewers mirror the image, the stored face is a mirror image, and its landmarks are in the order of that.
    """
    points = to_stored(face.landmarks[protocol.name], image.orientation, image.size)
    return points[list(protocol.flip_indices)] if is_mirrored(image.orientation) else points


def rounded(values: NDArray[np.floating]) -> list:
    """Coordinates as files have them."""
    return np.round(np.asarray(values, np.float64), DECIMALS).tolist()
