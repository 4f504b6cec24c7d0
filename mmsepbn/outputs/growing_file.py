"""Files that are written piece by piece."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class GrowingFile:
    """A file that has its name once :meth:`close` was called; until then it has that of a hidden part beside it.

    Raises:
        OSError: it cannot be written, names it; the part is removed, and closing does nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f'.{path.name}.part')
        with named_errors(path):
            self._file = self._part.open('wb')

    def write(self, content: bytes) -> None:
        """Add to the file."""
        try:
            with named_errors(self._path):
                self._file.write(content)
        except OSError:
            self._drop()
            raise

    def close(self, end: bytes = b'') -> None:
        """Finish the file with ``end``."""
        if self._file.closed:
            return
        try:
            with named_errors(self._path):
                self._file.write(end)
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()
                self._part.replace(self._path)
        except OSError:
            self._drop()
            raise

    def _drop(self) -> None:
        with suppress(OSError):  # what is still buffered cannot be written either
            self._file.close()
        self._part.unlink(missing_ok=True)


@contextmanager
def named_errors(path: Path) -> Iterator[None]:
    """Errors of the system as one line that names the file."""
    try:
        yield
    except OSError as error:
        raise OSError(f'{path} cannot be written: {error.strerror}.') from None
