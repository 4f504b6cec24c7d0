"""The file of a face cache: a line of JSON, a table of the faces, and their images, one behind the other.

It is mapped into memory, so all workers and ranks of a machine share the pages they read.
"""

import json
import mmap
import zlib
from functools import cached_property
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
ADVICE = 'tools/cache_faces.py CONFIG rebuilds it.'
HEAD = 4096  # bytes before the table
_CHECKSUM, _MOST = 'checksum', 2**32 - 1  # in the line of JSON, and its longest value
ROW = np.dtype(
    [
        *(('begin', '<u8'), ('length', '<u4'), ('checksum', '<u4'), ('height', '<u4'), ('width', '<u4')),
        *((name, '<u4') for name in Region._fields),
    ]
)


class FaceCacheError(AnnotationError):
    """A face cache is damaged, stale, or missing; the message names it."""


def head(about: CacheAbout, table: bytes | memoryview | None = None) -> bytes:
    """The first bytes of a file; with the checksum of its table once that is whole.

    Raises:
        FaceCacheError: the label leaves no room, be it for the checksum that comes at the end.
    """
    if len(_line(about, _MOST)) >= HEAD:
        raise FaceCacheError(f'The label of a face cache must be shorter. Got {about.key.label!r}.')
    line = _line(about, None if table is None else _checksum(about, table))
    return line.ljust(HEAD - 1) + b'\n'


def encoded(pixels: NDArray[np.uint8], quality: int | None) -> bytes:
    """Pixels (H, W, 3) as stored in a file."""
    if quality is None:
        return pixels.tobytes()
    return cv2.imencode('.jpg', pixels, (cv2.IMWRITE_JPEG_QUALITY, quality))[1].tobytes()


class CacheFile:
    """A face cache, opened for reading.

    Removing or replacing the file, as ``tools/cache_faces.py`` does, does not affect processes that have it open. A
    copy in another process opens the file at the first face.

    Args:
        path: of the file.

    Attributes:
        about: the header of the file.

    Raises:
        FaceCacheError: it cannot be read, or lacks its end.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.about = path, _mapped(path)[0]
        self._rows()

    def __getstate__(self) -> dict[str, Any]:
        return dict(path=self.path, about=self.about)  # a map of memory cannot be sent, nor need it be

    def __deepcopy__(self, memo: Any) -> 'CacheFile':
        return self

    def part(self, place: int) -> ImagePart:
        """The kept part of the image of the face at ``place``, 0-based in the data set's file.

        Raises:
            FaceCacheError: its bytes have changed since they were written, or the file since it was opened.
        """
        if self._bytes.size() != len(self._bytes):  # to read behind the end of a file would kill the process
            raise FaceCacheError(f'The face cache {self.path} was overwritten while it was read. {ADVICE}')
        row = self._rows()[place]
        begin, length, checksum, height, width, *sides = row.item()
        region = Region(*sides)
        content = np.frombuffer(self._bytes, np.uint8)[begin : begin + length]
        if zlib.crc32(content.data) != checksum:
            raise FaceCacheError(
                f'The face cache {self.path} is damaged: face {place} is not what was written. Delete it; {ADVICE}'
            )
        if self.about.quality is None:
            pixels = content.reshape(region.rows, region.columns, 3)
        else:
            pixels = np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)
        return ImagePart(pixels, region.to_image, (height, width))

    @cached_property
    def _bytes(self) -> mmap.mmap:
        about, content = _mapped(self.path)
        if about != self.about:
            raise FaceCacheError(f'The face cache {self.path} was replaced while it was read: start again.')
        count = about.key.count
        if len(content) < HEAD + count * ROW.itemsize or len(content) != _end(_table(content, count)):
            raise FaceCacheError(f'The face cache {self.path} is damaged: its length is not the stated one. {ADVICE}')
        stated = json.loads(content[len(MAGIC) : HEAD]).get(_CHECKSUM)  # older files have none
        if stated is not None and stated != _checksum(about, memoryview(content)[HEAD : HEAD + count * ROW.itemsize]):
            raise FaceCacheError(f'The face cache {self.path} is damaged: its table is not what was written. {ADVICE}')
        return content

    def _rows(self) -> NDArray[np.void]:
        return _table(self._bytes, self.about.key.count)


def _mapped(path: Path) -> tuple[CacheAbout, mmap.mmap]:
    """The header of a file, and its full content."""
    try:
        with path.open('rb') as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if not content[:HEAD].startswith(MAGIC) or len(content) < HEAD:
            raise ValueError('it must begin as one')
        return CacheAbout.from_json(content[len(MAGIC) : HEAD]), content
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise FaceCacheError(f'{path} is not a face cache of this version: {error}. {ADVICE}') from None


def _line(about: CacheAbout, checksum: int | None) -> bytes:
    said = json.loads(about.to_json()) | ({} if checksum is None else {_CHECKSUM: checksum})
    return MAGIC + json.dumps(said).encode()


def _table(content: mmap.mmap, count: int) -> NDArray[np.void]:
    return np.frombuffer(content, ROW, count, HEAD)


def _checksum(about: CacheAbout, table: bytes | memoryview) -> int:
    return zlib.crc32(table, zlib.crc32(about.to_json().encode()))


def _end(rows: NDArray[np.void]) -> int:
    return int(rows[-1]['begin']) + int(rows[-1]['length'])
