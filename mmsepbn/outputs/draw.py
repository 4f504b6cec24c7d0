"""Landmarks drawn into images."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.apis.face import Face
from mmsepbn.fixed_point import SHIFT, fixed_point
from mmsepbn.protocols import Part, Protocol

# Okabe and Ito's palette, distinguishable with red-green colour blindness and by lightness in print; BGR.
_BLUE, _ORANGE, _GREEN, _YELLOW = (233, 180, 86), (0, 159, 230), (115, 158, 0), (66, 228, 240)
_RED, _PINK, _WHITE, _BLACK = (0, 94, 213), (167, 121, 204), (255, 255, 255), (0, 0, 0)
_COLORS = {
    'contour': _BLUE,
    'chin': _BLUE,
    'brow': _ORANGE,
    'eye': _GREEN,
    'pupil': _WHITE,
    'nose': _YELLOW,
    'nose_bridge': _YELLOW,
    'nose_base': _YELLOW,
    'mouth': _RED,
    'outer_lip': _RED,
    'inner_lip': _PINK,
}
_SIDE_OF_LINE = 160.0  # a face of this many pixels has lines one pixel wide
_LEAST_RADIUS = 0.8
_FEW = 30  # landmarks, whose dots may be larger
_FARTHEST = 2**14  # pixels; coordinates that OpenCV draws by


def draw_faces(image: NDArray[np.uint8], faces: Iterable[Face], protocol: Protocol) -> NDArray[np.uint8]:
    """A copy of the image (H, W, 3) BGR with the parts of each face as curves, their landmarks as dots.

    Lines are as wide as the face is large, dark below and coloured by part above; faces with a track get its number.
    """
    drawn = image.copy()
    for face in faces:
        side = float(max(face.box[2:] - face.box[:2]))
        width = max(round(side / _SIDE_OF_LINE), 1)
        if side > _SIDE_OF_LINE:  # a rim would cover smaller faces
            _draw_parts(drawn, face.landmarks[protocol.name], protocol, width, max(width // 2, 1))
        _draw_parts(drawn, face.landmarks[protocol.name], protocol, width)
        if face.track is not None:
            _label(drawn, f'{face.track}', face.box, side)
    return drawn


def _draw_parts(
    drawn: NDArray[np.uint8], points: NDArray[np.floating], protocol: Protocol, width: int, rim: int = 0
) -> None:
    """All curves and dots, or the dark rims around them, so many pixels wide."""
    fixed = fixed_point(np.clip(points, -_FARTHEST, _FARTHEST))
    colors = {index: _color(part) for part in protocol.parts for index in part.indices}
    for part in protocol.parts:
        curve = [fixed[list(part.indices)]]
        color = _BLACK if rim else _color(part)
        cv2.polylines(drawn, curve, part.closed, color, width + 2 * rim, cv2.LINE_AA, SHIFT)
    radius = int(fixed_point(max(width * (2 if len(points) <= _FEW else 1), _LEAST_RADIUS) + rim))
    for index, point in enumerate(fixed.tolist()):
        color = _BLACK if rim else colors.get(index, _WHITE)
        cv2.circle(drawn, point, radius, color, -1, cv2.LINE_AA, SHIFT)


def _color(part: Part) -> tuple[int, int, int]:
    return _COLORS.get(part.name) or _COLORS.get(part.name.rpartition('_')[2], _WHITE)


def _label(drawn: NDArray[np.uint8], text: str, box: NDArray[np.floating], side: float) -> None:
    scale, corner = max(side / 250, 0.4), (round(float(box[0])), round(float(box[1])) - 4)
    for color, extra in ((_BLACK, 2), (_WHITE, 0)):
        width = max(round(side / _SIDE_OF_LINE), 1) + extra
        cv2.putText(drawn, text, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, color, width, cv2.LINE_AA)
