"""Read annotation files completely, and only regular files."""

import os
import stat
from pathlib import Path

from mmsepbn.datasets.annotation import AnnotationError

MOST_BYTES = 2**31  # of a file that is read whole; the largest official one has 20 MB
_KINDS = {stat.S_IFDIR: 'a folder', stat.S_IFIFO: 'a pipe', stat.S_IFSOCK: 'a socket'}


def kind_of(mode: int) -> str:
    """The kind of a non-regular file, from its ``st_mode``."""
    return _KINDS.get(stat.S_IFMT(mode), 'a device')


def check_regular(path: Path) -> int:
    """The size in bytes; AnnotationError unless there is a regular file: reading a pipe or device may never end."""
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        raise AnnotationError(f'{path} cannot be read: {_reason(error)}.') from None
    if not stat.S_ISREG(status.st_mode):
        raise AnnotationError(f'{path} must be a regular file. Got {kind_of(status.st_mode)}.')
    return status.st_size


def read_bytes(path: Path) -> bytes:
    """The content of a regular file; AnnotationError names one that cannot be read or is larger than 2 GiB."""
    if (size := check_regular(path)) > MOST_BYTES:
        raise AnnotationError(f'{path} must have at most {MOST_BYTES} bytes. Got {size}.')
    try:
        return path.read_bytes()
    except (OSError, MemoryError) as error:
        raise AnnotationError(f'{path} cannot be read: {_reason(error)}.') from None


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without its byte order mark, each line with one kind of end.

    Raises:
        AnnotationError: another encoding, or a NUL byte, which no text has; names file and line.
    """
    content = read_bytes(path)
    try:
        text = content.decode('utf-8-sig')
    except UnicodeDecodeError as error:
        line = content.count(b'\n', 0, error.start) + 1
        found = f'byte 0x{content[error.start]:02x}'
        raise AnnotationError(f'{path}:{line}: must be text in UTF-8. Got {found}.') from None
    if '\0' in text:
        line = text.count('\n', 0, text.index('\0')) + 1
        raise AnnotationError(f'{path}:{line}: must be text in UTF-8. Got a NUL byte.')
    return text.replace('\r\n', '\n').replace('\r', '\n')


def read_lines(path: Path) -> list[str]:
    """The lines of a text file; see :func:`read_text`. Unlike ``str.splitlines``, no rare separator ends a line."""
    return read_text(path).split('\n')


def _reason(error: Exception) -> str:
    return getattr(error, 'strerror', None) or str(error) or type(error).__name__
