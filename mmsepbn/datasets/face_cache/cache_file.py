"""The file of a face cache: a line of JSON, a table of the faces, and their images, one behind the other.

It is mapped into memory, so that all workers and ranks of a machine share what is read of it.
"""

import mmap
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.face_cache.about import CacheAbout
from mmsepbn.datasets.face_cache.region import Region
from mmsepbn.datasets.image_part import ImagePart

MAGIC = b'mmsepbn faces 1\n'
ADVICE = 'tools/cache_faces.py CONFIG makes it anew.'
HEAD = 4096  # bytes before the table
ROW = np.dtype(
    [
        *(('begin', '<u8'), ('length', '<u4'), ('checksum', '<u4'), ('height', '<u4'), ('width', '<u4')),
        *((name, '<u4') for name in Region._fields),
    ]
)


class FaceCacheError(AnnotationError):
    """A face cache is damaged, stale, or not there; the message names it."""


def head(about: CacheAbout) -> bytes:
    """The first bytes of a file."""
    content = MAGIC + about.to_json().encode()
    if len(content) >= HEAD:
        raise FaceCacheError(f'The label of a face cache must be shorter. Got {about.key.label!r}.')
    return content.ljust(HEAD - 1) + b'\n'


def read_about(path: Path) -> CacheAbout:
    """What a file says of itself. Raises FaceCacheError where it cannot be read, or is no face cache."""
    try:
        with path.open('rb') as file:
            first = file.read(HEAD)
        if not first.startswith(MAGIC) or len(first) < HEAD:
            raise ValueError('it must begin as one')
        return CacheAbout.from_json(first[len(MAGIC) :])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise FaceCacheError(f'{path} is no face cache of this version: {error}. {ADVICE}') from None


def encoded(pixels: NDArray[np.uint8], quality: int | None) -> bytes:
    """Pixels (H, W, 3) as they stand in a file."""
    if quality is None:
        return pixels.tobytes()
    return cv2.imencode('.jpg', pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()


class CacheFile:
    """A face cache, opened for reading.

    Args:
        path: of the file.

    Raises:
        FaceCacheError: it cannot be read, or lacks its end.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.about = path, read_about(path)
        with path.open('rb') as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        count = self.about.key.count
        if len(self._bytes) < HEAD + count * ROW.itemsize or len(self._bytes) != self._end(count):
            raise FaceCacheError(f'The face cache {path} is damaged: it has another length than it says. {ADVICE}')

    def __reduce__(self) -> tuple[type['CacheFile'], tuple[Path]]:
        return CacheFile, (self.path,)  # a map of memory cannot be copied to another process, nor need it be

    def __deepcopy__(self, memo: Any) -> 'CacheFile':
        return self

    def part(self, place: int) -> ImagePart:
        """The kept part of the image of the face at ``place``, 0-based in the data set's file.

        Raises:
            FaceCacheError: its bytes have changed since they were written.
        """
        row = self._rows(self.about.key.count)[place]
        begin, length, checksum, height, width, *sides = row.item()
        region = Region(*sides)
        content = np.frombuffer(self._bytes, np.uint8, length, begin)
        if zlib.crc32(content.data) != checksum:
            raise FaceCacheError(
                f'The face cache {self.path} is damaged: face {place} is not what was written. Delete it; {ADVICE}'
            )
        if self.about.quality is None:
            pixels = content.reshape(region.rows, region.columns, 3)
        else:
            pixels = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
        return ImagePart(pixels, region.to_image, (height, width))

    def _rows(self, count: int) -> NDArray[np.void]:
        return np.frombuffer(self._bytes, ROW, count, HEAD)

    def _end(self, count: int) -> int:
        last = self._rows(count)[-1]
        return int(last['begin']) + int(last['length'])
