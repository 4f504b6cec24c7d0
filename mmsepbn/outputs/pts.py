"""Results as 300W's landmark files."""

import numpy as np
from numpy.typing import NDArray

from mmsepbn.outputs.image_faces import DECIMALS, ImageFaces, stored_landmarks
from mmsepbn.protocols import Protocol


def pts_text(landmarks: NDArray[np.floating]) -> str:
    """A .pts file of landmarks (L, 2) in 0-based pixels; the file counts pixels from 1."""
    points = '\n'.join(f'{x:.{DECIMALS}f} {y:.{DECIMALS}f}' for x, y in np.asarray(landmarks, np.float64) + 1)
    return f'version: 1\nn_points: {len(landmarks)}\n{{\n{points}\n}}\n'


def pts_of(image: ImageFaces, protocol: Protocol) -> list[str]:
    """A file for each face, in pixels as the image file has them stored."""
    return [pts_text(stored_landmarks(image, face, protocol)) for face in image.faces]
