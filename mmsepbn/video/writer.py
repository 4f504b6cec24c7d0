"""Write a video, frame by frame."""

import math
from os.path import exists  # Path.exists raises where a name is too long
from pathlib import Path
from secrets import token_hex

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.processes.native_stderr import native_stderr
from mmsepbn.video.frames import is_utf8

_CODECS = {'.mp4': 'mp4v', '.avi': 'MJPG', '.mkv': 'mp4v', '.mov': 'mp4v'}
SUFFIXES = tuple(_CODECS)
_FINEST = 65535  # of MPEG-4's clock, ticks a second, of which a frame takes a power of ten


class VideoWriter:
    """Writes frames to a file, which has its name once :meth:`close` was called, with all frames until then.

    Args:
        path: of the file, whose suffix sets the format; its folder is created if missing.
        rate: frames a second; of high rates fewer decimals are kept, above 65.5 two.
        size: width and height of all frames in pixels; the file has even ones, to which frames are extended by their
            edge.

    Raises:
        ValueError: the suffix is unknown, the name is not UTF-8, or this OpenCV cannot write the format.
    """

    def __init__(self, path: str | Path, rate: float, size: tuple[int, int]) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() not in _CODECS:
            raise ValueError(f'A video must be written to {", ".join(_CODECS)}. Got {str(path)!r}.')
        if not is_utf8(str(path)):
            raise ValueError(f'{path} cannot be written: the name of a video must be UTF-8 for OpenCV.')
        codec = _CODECS[self.path.suffix.lower()]
        self._size, self._count = size, 0
        self._rate = round(rate, int(math.log10(_FINEST / rate)))
        self._below, self._right = size[1] % 2, size[0] % 2
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._replaces = exists(self.path)
        self._part = self.path.with_name(f'.{self.path.stem}.{token_hex(4)}.part{self.path.suffix}')
        with native_stderr():  # what libraries print of a codec that they lack is said below
            even = (size[0] + self._right, size[1] + self._below)
            self._writer = cv2.VideoWriter(str(self._part), cv2.VideoWriter.fourcc(*codec), self._rate, even)
        if not self._writer.isOpened():
            self._part.unlink(missing_ok=True)
            raise ValueError(
                f'{path} cannot be written: the folder cannot, this OpenCV lacks the codec {codec}, or it cannot have '
                f'{size[0]} x {size[1]} pixels at {self._rate} frames a second.'
            )

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Write a frame (H, W, 3) BGR, as often as it takes until ``time``, in seconds since the first frame."""
        if image.shape[1::-1] != self._size:
            raise ValueError(f'Frames of {self.path} must be {self._size} pixels. Got {image.shape[1::-1]}.')
        if self._below or self._right:
            wider = cv2.copyMakeBorder(image, 0, self._below, 0, self._right, cv2.BORDER_REPLICATE)
            image = np.asarray(wider, np.uint8)
        while self._count <= round(time * self._rate):
            self._writer.write(image)
            self._count += 1

    def close(self) -> None:
        """Finish the file, so that players can open it.

        Raises:
            FileExistsError: another process has made it while this one wrote; it stays as it is.
            OSError: nothing was written, for instance on a full disk.
        """
        self._writer.release()
        if not self._count:
            self._part.unlink(missing_ok=True)
        elif not self._part.is_file() or not self._part.stat().st_size:
            raise OSError(f'{self.path} cannot be written: is the disk full?')
        elif self.path.exists() and not self._replaces:
            self._part.unlink()
            raise FileExistsError(f'{self.path} was made by another process in the meantime and is not replaced.')
        else:
            self._part.replace(self.path)
