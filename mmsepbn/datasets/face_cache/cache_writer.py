"""Write a face cache atomically; another attempt continues an interrupted one."""

import os
import zlib
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np

from mmsepbn.datasets.face_cache.about import CacheAbout
from mmsepbn.datasets.face_cache.cache_file import HEAD, ROW, encoded, head
from mmsepbn.datasets.face_cache.region import Region, cut_region


def begun_file(path: Path) -> Path:
    """The temporary name of an incomplete cache."""
    return path.with_name(f'.{path.name}.part')


class CacheWriter:
    """Add faces in order to a file next to the cache, which replaces it when complete.

    A context manager. If it ends early, ``.NAME.part`` is kept, and the next writer of the same cache continues it.

    Args:
        path: of the cache, which is replaced at the end.
        about: what it will hold.

    Attributes:
        done: number of finished faces.
    """

    def __init__(self, path: Path, about: CacheAbout) -> None:
        self._path, self._about = path, about
        self._part = begun_file(path)
        self._first = HEAD + about.key.count * ROW.itemsize
        self._file = self._opened()
        self.done, self._end = self._continued()

    def add(self, image: np.ndarray, region: Region) -> None:
        """Write the next face: its region of an image (H, W, 3)."""
        content = encoded(cut_region(image, region), self._about.quality)
        row = np.array((self._end, len(content), zlib.crc32(content), *image.shape[:2], *region), ROW)
        self._file.seek(self._end)
        self._file.write(content)
        self._file.seek(HEAD + self.done * ROW.itemsize)
        self._file.write(row.tobytes())
        self.done, self._end = self.done + 1, self._end + len(content)

    def finish(self) -> None:
        """Put the file in its place. Raises ValueError where faces are missing."""
        if self.done != self._about.key.count:
            raise ValueError(f'CacheWriter.finish() needs all {self._about.key.count} faces. Got {self.done}.')
        self._file.truncate(self._end)
        self._file.seek(HEAD)
        table = self._file.read(self._first - HEAD)
        self._file.seek(0)
        self._file.write(head(self._about, table))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._part.replace(self._path)

    def __enter__(self) -> 'CacheWriter':
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _opened(self) -> BinaryIO:
        """The part left by an earlier writer of the same cache, or a new one."""
        first = head(self._about)
        if self._part.is_file():
            file = self._part.open('r+b')
            if file.read(HEAD) == first:
                return file
            file.close()
        file = self._part.open('w+b')
        file.write(first)
        return file

    def _continued(self) -> tuple[int, int]:
        """The number of intact faces, and where the next one begins."""
        self._file.seek(HEAD)
        table = self._file.read(self._first - HEAD)
        rows = np.frombuffer(table[: len(table) // ROW.itemsize * ROW.itemsize], ROW)
        end = self._first
        for number, row in enumerate(rows):
            if row['begin'] != end:
                return number, end
            self._file.seek(end)
            content = self._file.read(int(row['length']))
            if len(content) != row['length'] or zlib.crc32(content) != row['checksum']:
                return number, end
            end += len(content)
        return len(rows), end
