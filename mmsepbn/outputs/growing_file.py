"""Write files piece by piece."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mmsepbn.whole_file import part_of


class GrowingFile:
    """A file that gets its name when :meth:`close` is called; until then it is a hidden file next to it.

    Args:
        path: of the file.
        check: called before the file gets its name; raises OSError if the name has been taken meanwhile.

    Raises:
        OSError: it cannot be written, names it; the part is removed, and closing does nothing.
    """

    def __init__(self, path: Path, check: Callable[[], object] = lambda: None) -> None:
        self._path, self._check = path, check
        self._part = part_of(path)
        with named_errors(path):
            self._file = self._part.open('xb')

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
            self._check()
            with named_errors(self._path):
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
