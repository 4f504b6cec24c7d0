"""Results as 300W's landmark files."""

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.transforms.exif_turn import to_stored
from mmsepbn.outputs.image_faces import DECIMALS, ImageFaces


def pts_text(landmarks: NDArray[np.floating]) -> str:
    """A .pts file of landmarks (L, 2) in 0-based pixels; the file counts pixels from 1."""
    points = '\n'.join(f'{x:.{DECIMALS}f} {y:.{DECIMALS}f}' for x, y in np.asarray(landmarks, np.float64) + 1)
    return f'version: 1\nn_points: {len(landmarks)}\n{{\n{points}\n}}\n'


def pts_of(image: ImageFaces, protocol: str) -> list[str]:
    """A file for each face, in pixels as the image file has them stored."""
    faces = [to_stored(face.landmarks[protocol], image.orientation, image.size) for face in image.faces]
    return [pts_text(landmarks) for landmarks in faces]
