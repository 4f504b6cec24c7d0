"""Frames of a video file or a camera."""

import re
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.apis.image import refuse_address
from mmsepbn.processes.native_stderr import native_stderr

_CAMERA = re.compile(r'webcam:(\d{1,2})')  # from 100 on OpenCV takes numbers for its own backends
_USUAL_RATE = 25.0  # frames per second, if a file or camera does not say
_HIGHEST_RATE = 1000.0
_COUNTED = ('.avi', '.mp4', '.m4v', '.mov')  # say how many frames they have; others how long they are
_LEAST_OF_OTHERS = 0.95  # of the frames that OpenCV makes of a length


class ShortVideoWarning(UserWarning):
    """A video has fewer frames than it declares."""


class Frame(NamedTuple):
    """One frame.

    Attributes:
        number: from 0.
        time: seconds since the first frame; of a camera by the clock.
        image: (H, W, 3) uint8, BGR, turned as players show it.
    """

    number: int
    time: float
    image: NDArray[np.uint8]


class Frames:
    """The frames of a video file, or of a camera, ``webcam:0``.

    Args:
        source: the file's name, or ``webcam:`` and the camera's number.

    Attributes:
        rate: frames a second, as the file or camera says.
        count: number of frames, as the file says; None: it is a camera, or the file does not say.

    Raises:
        FileNotFoundError: there is no such file, or no such camera, or the name is an address.
        ValueError: the file is not a video that OpenCV reads, its name is not UTF-8, or a camera has no number.
    """

    def __init__(self, source: str | Path) -> None:
        self.source = str(source)
        camera = _CAMERA.fullmatch(self.source)
        if not camera and not Path(source).is_file():
            if self.source.startswith('webcam:'):
                raise ValueError(f'A camera must be webcam: and its number, from 0 to 99. Got {self.source!r}.')
            refuse_address(self.source)
            raise FileNotFoundError(f'There is no video {self.source}.')
        if not is_utf8(self.source):
            raise ValueError(f'{self.source} cannot be read as a video: its name must be UTF-8 for OpenCV.')
        self._live = camera is not None
        self._capture = _opened(int(camera[1]) if camera else self.source)
        if not self._capture.isOpened():
            if camera:
                raise FileNotFoundError(f'There is no camera {self.source}, or another program has it.')
            raise ValueError(f'{self.source} cannot be read as a video: it is damaged, or OpenCV lacks its codec.')
        rate, frames = (self._capture.get(name) for name in (cv2.CAP_PROP_FPS, cv2.CAP_PROP_FRAME_COUNT))
        self.rate = float(rate) if 0 < rate <= _HIGHEST_RATE else _USUAL_RATE
        self.count = int(frames) if not self._live and 0 < frames < np.inf else None

    def __iter__(self) -> Iterator[Frame]:
        """The frames, once. ValueError: the file has none; ShortVideoWarning, at the end: fewer than it declares."""
        index, began = 0, 0.0
        while True:
            whole, image = self._capture.read()
            if not whole:
                break
            now = time.monotonic()
            began = began if index else now  # cameras take their time to the first
            passed = now - began if self._live else index / self.rate
            yield Frame(index, passed, np.asarray(image, np.uint8))
            index += 1
        if not index:
            raise ValueError(f'{self.source} has no frame that OpenCV can read.')
        counted = Path(self.source).suffix.lower() in _COUNTED
        if self.count and index < (self.count if counted else int(_LEAST_OF_OTHERS * self.count)):
            message = f'{self.source} declares {self.count} frames, of which {index} can be read: is it cut short?'
            warnings.warn(message, ShortVideoWarning, stacklevel=2)

    def close(self) -> None:
        """Release the file or camera."""
        self._capture.release()


def is_utf8(name: str) -> bool:
    """Whether a file's name is UTF-8; OpenCV's videos of other names end the process."""
    return name == name.encode(errors='replace').decode()


def _opened(source: int | str) -> cv2.VideoCapture:
    """OpenCV's capture; what its libraries print of a source that they cannot open is said by our error."""
    with native_stderr():
        capture = cv2.VideoCapture(source)
        if isinstance(source, str):  # videos of phones lie unless asked for in 4.11, see opencv/opencv#26795
            capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        return capture
