"""A folder locked by a process until it releases the lock or ends."""

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

from mmsepbn.processes.folder_lock import FolderError, folder_lock

_RANKS = ('RANK', 'SLURM_PROCID', 'OMPI_COMM_WORLD_RANK')  # what launchers call the number of a process
_held: dict[Path, ExitStack] = {}


def hold_folder(folder: str | Path) -> None:
    """Lock ``folder`` as :func:`folder_lock` does; a process that has it already keeps it.

    Raises:
        FolderInUseError: another process has it.
        FolderError: it cannot be written.
    """
    path = Path(folder).resolve()
    if path in _held:
        return
    stack = ExitStack()
    try:
        stack.enter_context(folder_lock(path))
    except OSError as error:
        raise FolderError(f'The folder of a run must be writable. {path}: {error.strerror}.') from None
    _held[path] = stack


def hold_run_folder(folder: str | Path) -> None:
    """Lock the folder of a run, once for all processes that a launcher has started for it; see :func:`hold_folder`."""
    if int(next((os.environ[name] for name in _RANKS if name in os.environ), 0)) == 0:
        hold_folder(folder)


@atexit.register
def _release_folders() -> None:
    """Release all folders of the process."""
    for path in list(_held):
        release_folder(path)


def release_folder(folder: str | Path) -> None:
    """Release a folder, if it is locked."""
    if stack := _held.pop(Path(folder).resolve(), None):
        stack.close()
