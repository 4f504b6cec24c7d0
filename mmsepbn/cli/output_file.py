"""Output files named on the command line; whether they can be written is checked before the work."""

import argparse
import atexit
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import cv2

from mmsepbn.made_folders import missing_folders, remove_empty
from mmsepbn.option_error import OptionError


def output_file(*suffixes: str) -> Callable[[str], str]:
    """A type for argparse: a name with one of the suffixes, to be written.

    Its folder is made where missing, and removed at the end of the command if it is empty then.
    """

    def check(name: str) -> str:
        path = Path(name)
        if path.suffix.lower() not in suffixes:
            raise argparse.ArgumentTypeError(f'must end in {" or ".join(suffixes)}. Got {name!r}.')
        _require_writable(path)
        return name

    return check


def image_output(name: str) -> str:
    """As :func:`output_file`, for the names that an image can be written to."""
    if not cv2.haveImageWriter(name):
        raise argparse.ArgumentTypeError(f'must have an image suffix, such as .png. Got {name!r}.')
    _require_writable(Path(name))
    return name


def _require_writable(path: Path) -> None:
    if path.is_dir():
        raise argparse.ArgumentTypeError(f'must be a file. Got the folder {str(path)!r}.')
    _try_folder(path.parent, str(path))
    if path.exists() and not os.access(path, os.W_OK):
        raise argparse.ArgumentTypeError(f'cannot be written: {str(path)!r} is read-only.')


def output_folder(name: str) -> str:
    """A type for argparse: a folder that is there or can be made; names within another folder are left to it."""
    if Path(name).exists() and not Path(name).is_dir():
        raise argparse.ArgumentTypeError(f'must be a folder. Got the file {name!r}.')
    return name


def refuse_filled_folder(folder: Path, overwrite: bool) -> None:
    """Raise OptionError where ``OUT`` holds files, so that no file is replaced, unless ``overwrite`` asks for it."""
    if not overwrite and any(not each.is_dir() for each in folder.rglob('*')):
        raise OptionError(
            f'OUT must be a new or empty folder; --overwrite replaces files of the same names. Got {str(folder)!r}, '
            'which holds files.'
        )


def _try_folder(folder: Path, name: str) -> None:
    atexit.register(remove_empty, missing_folders(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise argparse.ArgumentTypeError(f'cannot be written: {name!r}: {error.strerror}.') from None
