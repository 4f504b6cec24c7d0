"""One command at a time in a folder."""

import errno
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmsepbn.user_error import UserError

try:
    import fcntl
except ImportError:  # not on Windows, where nothing is locked
    fcntl = None  # type: ignore[assignment]

_NAME = '.lock'
_PAUSE = 0.05  # seconds between tries
_NOT_SUPPORTED = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
_held: set[Path] = set()  # the system's lock does not keep a process out that has it


class FolderError(UserError):
    """A folder cannot be used; the message names it."""


class FolderInUseError(FolderError):
    """Another process uses the folder; the message names both."""


@contextmanager
def folder_lock(folder: str | Path, patience: float = 0.0) -> Iterator[None]:
    """Lock ``folder`` against other processes that call this; it is created if missing.

    The lock is the system's and ends with the process, however that ends; the file ``.lock`` says who has it. File
    systems without locks have none.

    Args:
        folder: the folder.
        patience: seconds to wait for another process that has it.

    Raises:
        FolderInUseError: another process has it, or this one already.
        OSError: the folder cannot be written.
    """
    path = Path(folder).resolve() / _NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    if path in _held:
        raise FolderInUseError(f'{folder} is in use by this process already.')
    descriptor = _locked(path, folder, time.monotonic() + patience)
    _held.add(path)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f'process {os.getpid()} on {socket.gethostname()}\n'.encode())
        yield
    finally:
        _held.discard(path)
        if _is_at(descriptor, path):
            path.unlink()
        os.close(descriptor)


def _locked(path: Path, folder: str | Path, deadline: float) -> int:
    """A descriptor of the lock's file that has the lock, by ``deadline`` of the monotonic clock."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if fcntl is not None:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NOT_SUPPORTED:
                os.close(descriptor)
                if time.monotonic() < deadline:
                    time.sleep(_PAUSE)
                    continue
                owner = _owner(path)
                raise FolderInUseError(
                    f'{folder} is in use by {owner}. Wait until it ends, stop it, or use another folder.'
                ) from None
        if _is_at(descriptor, path):
            return descriptor
        os.close(descriptor)  # whoever had it before has removed the file in between


def _owner(path: Path) -> str:
    try:
        return path.read_text(errors='replace').strip() or 'another process'
    except FileNotFoundError:  # it has let go in between
        return 'another process'


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
