"""Write a video, frame by frame."""

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


class VideoWriter:
    """Writes frames to a file, which has its name once :meth:`close` was called, with all frames until then.

    Args:
        path: of the file, whose suffix sets the format; its folder is created if missing.
        rate: frames a second.
        size: width and height of all frames in pixels.
        codec: four letters; None: the format's usual one.

    Raises:
        ValueError: the suffix is unknown, the name is not UTF-8, or this OpenCV cannot write the format.
    """

    def __init__(self, path: str | Path, rate: float, size: tuple[int, int], codec: str | None = None) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() not in _CODECS:
            raise ValueError(f'A video must be written to {", ".join(_CODECS)}. Got {str(path)!r}.')
        if not is_utf8(str(path)):
            raise ValueError(f'{path} cannot be written: the name of a video must be UTF-8 for OpenCV.')
        codec = codec or _CODECS[self.path.suffix.lower()]
        self._size, self._rate, self._count = size, rate, 0
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._replaces = exists(self.path)
        self._part = self.path.with_name(f'.{self.path.stem}.{token_hex(4)}.part{self.path.suffix}')
        with native_stderr():  # what libraries print of a codec that they lack is said below
            self._writer = cv2.VideoWriter(str(self._part), cv2.VideoWriter.fourcc(*codec), rate, size)
        if not self._writer.isOpened():
            self._part.unlink(missing_ok=True)
            raise ValueError(f'{path} cannot be written: the folder cannot, or this OpenCV lacks the codec {codec}.')

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Write a frame (H, W, 3) BGR, as often as it takes until ``time``, in seconds since the first frame."""
        if image.shape[1::-1] != self._size:
            raise ValueError(f'Frames of {self.path} must be {self._size} pixels. Got {image.shape[1::-1]}.')
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
