"""The cascade of Haar features bundled with OpenCV 4."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.detectors.detector import Found

_FILE = 'haarcascade_frontalface_default.xml'
_SMALLEST = 40  # pixels of the searched image; smaller detections are mostly not faces


def haar_search() -> Callable[[NDArray[np.uint8], float], Found]:
    """The search of a SearchingDetector, without scores. It finds upright faces that look at the camera.

    Viola and Jones, Rapid object detection using a boosted cascade of simple features, 2001.

    Raises:
        FileNotFoundError: OpenCV lacks the cascade.
    """
    folder = getattr(getattr(cv2, 'data', None), 'haarcascades', None)
    file = Path(folder or '.', _FILE)
    if not hasattr(cv2, 'CascadeClassifier') or not file.is_file():
        raise FileNotFoundError(
            f"--faces haar needs OpenCV 4 with its cascades: pip install 'opencv-python<5'. OpenCV {cv2.__version__} "
            f"has no {_FILE}; pip install 'mmsepbn[predict]' gives --faces mtcnn."
        )
    cascade = cv2.CascadeClassifier(str(file))

    def search(image: NDArray[np.uint8], smallest: float) -> Found:
        gray = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
        least = int(max(smallest, _SMALLEST))
        faces = cascade.detectMultiScale(gray, scaleFactor=1.1, minNeighbors=5, minSize=(least, least))
        corners = np.array(faces, np.float64).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]
        return Found(corners)

    return search
