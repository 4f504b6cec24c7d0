"""Output files named on the command line; whether they can be written is checked before the work."""

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def output_file(*suffixes: str) -> Callable[[str], str]:
    """A type for argparse: a name with one of the suffixes, in a folder that is made where missing, to be written."""

    def check(name: str) -> str:
        path = Path(name)
        if path.suffix not in suffixes:
            raise argparse.ArgumentTypeError(f'must end in {" or ".join(suffixes)}. Got {name!r}.')
        if path.is_dir():
            raise argparse.ArgumentTypeError(f'must be a file. Got the folder {name!r}.')
        _try_folder(path.parent, name)
        if path.exists() and not os.access(path, os.W_OK):
            raise argparse.ArgumentTypeError(f'cannot be written: {name!r} is read-only.')
        return name

    return check


def output_folder(name: str) -> str:
    """A type for argparse: a folder that is there or can be made; names within another folder are left to it."""
    if Path(name).exists() and not Path(name).is_dir():
        raise argparse.ArgumentTypeError(f'must be a folder. Got the file {name!r}.')
    return name


def _try_folder(folder: Path, name: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise argparse.ArgumentTypeError(f'cannot be written: {name!r}: {error.strerror}.') from None
