"""Atomic checkpoint writes: a file is complete or absent, and old files are deleted only after the new one exists."""

import shutil
from collections.abc import Collection
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.whole_file import write_whole


class WholeFileBackend(LocalBackend):
    """MMEngine's local files, for checkpoints: written to a temporary file, then moved into place.

    Files are deleted in :meth:`remove_outdated`, so the old ones still exist if the new one cannot be written.
    """

    def __init__(self) -> None:
        self._outdated: list[Path] = []

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write a file. Raises CheckpointError where the disk is full or the folder cannot be written."""
        path = Path(filepath)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, obj)
        except OSError as error:
            raise CheckpointError(
                f'{path} cannot be written: {error.strerror}. The checkpoints before it are untouched.'
            ) from None

    def remove(self, filepath: str | Path) -> None:
        """Note a file or folder to be removed."""
        self._outdated.append(Path(filepath))

    rmtree = remove

    def remove_outdated(self, folder: str | Path, keep: Collection[str]) -> None:
        """Remove the noted files that are directly in ``folder`` and not among the names to keep."""
        for path in self._outdated:
            if path.parent.resolve() == Path(folder).resolve() and path.name not in keep:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        self._outdated.clear()


register_backend('whole_file', WholeFileBackend, force=True)
