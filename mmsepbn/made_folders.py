"""Folders that are made for files which may then not be written."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def missing_folders(folder: Path) -> list[Path]:
    """The folder and those around it that are not there, the innermost first."""
    whole = folder.absolute()
    return [each for each in (whole, *whole.parents) if not os.path.lexists(each)]


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders, the innermost first, unless they hold something."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
