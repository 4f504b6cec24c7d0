"""YuNet, run by OpenCV; the user provides the network's file."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.detectors.detector import Found, none_found


def yunet_search(file: str) -> Callable[[NDArray[np.uint8], float], Found]:
    """The search of a SearchingDetector, with scores.

    Wu et al., YuNet: a tiny millisecond-level face detector, 2023.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: OpenCV does not take it for YuNet.
    """
    if not Path(file).is_file():
        raise FileNotFoundError(
            f'--faces yunet:FILE needs face_detection_yunet_2023mar.onnx of github.com/opencv/opencv_zoo. '
            f'There is no file {file!r}.'
        )
    try:
        network = cv2.FaceDetectorYN.create(file, '', (320, 320), score_threshold=0.6)
        network.detect(np.zeros((320, 320, 3), np.uint8))
    except cv2.error as error:
        raise ValueError(f'--faces yunet:FILE must be the ONNX of YuNet. OpenCV refuses {file}: {error.err}.') from None

    def search(image: NDArray[np.uint8], smallest: float) -> Found:
        network.setInputSize(image.shape[1::-1])
        return faces_of(network.detect(image)[1])

    return search


def faces_of(rows: NDArray | None) -> Found:
    """Faces of YuNet's rows (N, 15): x, y, width, height, five landmarks, score; None if there is no face."""
    if rows is None:
        return none_found()
    corners = rows[:, :4].astype(np.float64)
    corners[:, 2:] += corners[:, :2]
    return Found(corners, rows[:, 14].astype(np.float64))
