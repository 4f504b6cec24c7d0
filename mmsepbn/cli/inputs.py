"""Images and videos named on the command line."""

import glob
import os
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.text_file import read_lines

_IMAGES = ('.jpg', '.jpeg', '.jpe', '.png', '.bmp', '.webp', '.tif', '.tiff', '.jp2', '.pgm', '.ppm')
_VIDEOS = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v', '.mpg', '.mpeg', '.wmv')
_CAMERA = 'webcam:'


class Inputs(NamedTuple):
    """What was named, each once: paths of images; paths of videos, and cameras; and what names nothing, as messages."""

    images: list[str]
    videos: list[str]
    problems: list[str]


def find_inputs(names: Sequence[str], out: str | Path) -> Inputs:
    """Files of names: a file, a folder (its images, at any depth), a pattern, a ``.txt`` with a name on each line.

    Args:
        names: as typed; ``webcam:0`` is a camera. A pattern is one only where there is no file of that name.
        out: folder of results; where it lies inside a named folder, or a pattern's, its images are no inputs of that.
    """
    files: list[str] = []
    problems: list[str] = []
    _find(names, Path(os.path.realpath(out)), files, problems)
    first: dict[str, str] = {}
    for file in files:
        first.setdefault(os.path.abspath(file), file)
    videos = [file for file in first.values() if _is_video(file)]
    return Inputs([file for file in first.values() if not _is_video(file)], videos, problems)


def _find(names: Sequence[str], out: Path, files: list[str], problems: list[str], listed: bool = False) -> None:
    """Add what names stand for; a name in a list is one of the command line, but of no further list."""
    for name in names:
        try:
            if name.lower().endswith('.txt') and os.path.lexists(name) and not (listed or os.path.isdir(name)):
                _find(_lines(name), out, files, problems, listed=True)
            else:
                files += _files(name, out)
        except (FileNotFoundError, AnnotationError) as error:
            problems.append(str(error))


def _files(name: str, out: Path) -> list[str]:
    if name.startswith(_CAMERA):
        return [name]
    if os.path.isdir(name):
        found = [str(path) for path in sorted(Path(name).rglob('*')) if path.suffix.lower() in _IMAGES]
        return _some(_visible(found, Path(name), out), f'The folder {name!r} holds no image.')
    if os.path.lexists(name):
        return [name]
    if not glob.has_magic(name):
        raise FileNotFoundError(f'There is no file {name!r}.')
    found = [file for file in sorted(glob.glob(name, recursive=True)) if os.path.isfile(file)]
    folder = Path(*takewhile(lambda part: not glob.has_magic(part), Path(name).parts))
    return _some(_visible(found, folder, out), f'No file matches {name!r}.')


def _lines(path: str) -> list[str]:
    lines = [line.strip() for line in read_lines(Path(path))]
    return _some([line for line in lines if line], f'The list {path!r} is empty.')


def _visible(files: list[str], folder: Path, out: Path) -> list[str]:
    """Without what systems leave beside images (``._a.jpg``), nor results of earlier runs below the named folder."""
    seen = [file for file in files if os.path.basename(file)[0] != '.']
    if Path(os.path.realpath(folder)) not in out.parents:
        return seen
    return [file for file in seen if out not in Path(os.path.realpath(file)).parents]


def _some(files: list[str], message: str) -> list[str]:
    if not files:
        raise FileNotFoundError(message)
    return files


def _is_video(name: str) -> bool:
    return name.startswith(_CAMERA) or name.lower().endswith(_VIDEOS)
