"""Videos of dotted faces, with a detector and a network that see them: white squares with five coloured dots."""

import cv2
import numpy as np
import pytest

from mmsepbn.apis import FaceLandmarker, NetworkInfo
from mmsepbn.detectors.detector import Found, SearchingDetector
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.protocols import WIDER_FACE
from mmsepbn.video.writer import VideoWriter

DOTS = np.array([[0.3, 0.35], [0.7, 0.35], [0.5, 0.55], [0.35, 0.75], [0.65, 0.75]])  # fractions of the square
COLORS = ((255, 0, 0), (0, 200, 0), (0, 0, 255), (255, 0, 255), (0, 200, 200))


def draw_face(image, x, y, side):
    """Draw a face with its upper left corner at x, y; returns its landmarks (5, 2)."""
    cv2.rectangle(image, (x, y), (x + side - 1, y + side - 1), (255, 255, 255), -1)
    dots = np.array([x, y]) + DOTS * side
    for dot, color in zip(dots, COLORS, strict=True):
        cv2.circle(image, np.rint(dot).astype(int).tolist(), max(side // 16, 2), color, -1)
    return dots


class DotNetwork:
    """Finds the middle of each colour in a crop; where there is none, what it expects, as trained networks do."""

    info = NetworkInfo((WIDER_FACE,), (64, 64), 1.2, {'squares': BoxMap(0.0, 0.0, 1.1)})

    def __call__(self, crops, protocols):
        """Landmarks (N, 5, 2)."""
        found = np.empty((len(crops), 5, 2), np.float32)
        for row, crop in enumerate(crops.astype(int)):
            for place, color in enumerate(COLORS):
                near = np.abs(crop - color).sum(axis=2) < 150
                found[row, place] = np.argwhere(near).mean(axis=0)[::-1] if near.any() else 5 + 53 * DOTS[place]
        return dict.fromkeys(protocols, found)


def _search(image, smallest):
    gray = (image.min(axis=2) > 60).astype(np.uint8)
    filled = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, np.ones((21, 21)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(filled)
    corners = stats[1:, :4].astype(float)
    corners[:, 2:] += corners[:, :2]
    return Found(corners[(stats[1:, 4] > 400)])


@pytest.fixture
def landmarker():
    return FaceLandmarker(DotNetwork(), faces=SearchingDetector('squares', _search))


@pytest.fixture
def clip(tmp_path):
    """24 frames of 160 x 120 at 12 a second, with a face that goes right and one that stands still; and landmarks."""
    writer = VideoWriter(tmp_path / 'clip.avi', 12, (320, 240))
    truth = []
    for number in range(24):
        image = np.zeros((240, 320, 3), np.uint8)
        truth.append([draw_face(image, 10 + 4 * number, 20, 70), draw_face(image, 200, 130, 90)])
        writer.write(image, number / 12)
    writer.close()
    return tmp_path / 'clip.avi', np.array(truth)


@pytest.fixture
def connect(monkeypatch):
    """Let OpenCV deliver the frames of a file as those of a camera: ``connect(number, path)``. No camera is here."""
    opened = cv2.VideoCapture

    def capture(cameras):
        return lambda source: opened(str(cameras[source]) if isinstance(source, int) else source)

    return lambda number, path: monkeypatch.setattr(cv2, 'VideoCapture', capture({number: path}))
