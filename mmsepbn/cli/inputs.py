"""Images and videos named on the command line."""

import glob
import os
from collections.abc import Iterator, Sequence
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
        out: folder of results, whose images are no inputs of folders and patterns around it.
    """
    files: list[str] = []
    problems: list[str] = []
    for name in names:
        try:
            files += _files(name, os.path.realpath(out))
        except (FileNotFoundError, AnnotationError) as error:
            problems.append(str(error))
    first: dict[str, str] = {}
    for file in files:
        first.setdefault(os.path.abspath(file), file)
    videos = [file for file in first.values() if _is_video(file)]
    return Inputs([file for file in first.values() if not _is_video(file)], videos, problems)


def _files(name: str, out: str, listed: bool = False) -> list[str]:
    if name.startswith(_CAMERA):
        return [name]
    if os.path.isdir(name):
        found = [str(path) for path in sorted(Path(name).rglob('*')) if path.suffix.lower() in _IMAGES]
        return _some(_visible(found, out), f'The folder {name!r} holds no image.')
    if os.path.lexists(name):
        return list(_of_list(name, out)) if name.lower().endswith('.txt') and not listed else [name]
    if not glob.has_magic(name):
        raise FileNotFoundError(f'There is no file {name!r}.')
    found = [file for file in sorted(glob.glob(name, recursive=True)) if os.path.isfile(file)]
    return _some(_visible(found, out), f'No file matches {name!r}.')


def _of_list(path: str, out: str) -> Iterator[str]:
    """Files of a list; a name in it is one of the command line, but of no further list."""
    lines = [line.strip() for line in read_lines(Path(path))]
    for name in _some([line for line in lines if line], f'The list {path!r} is empty.'):
        yield from _files(name, out, listed=True)


def _visible(files: list[str], out: str) -> list[str]:
    """Without results of earlier runs, and without what systems leave beside images (``._a.jpg``)."""
    inside = os.path.join(out, '')
    return [
        file for file in files if not (os.path.basename(file)[0] == '.' or os.path.realpath(file).startswith(inside))
    ]


def _some(files: list[str], message: str) -> list[str]:
    if not files:
        raise FileNotFoundError(message)
    return files


def _is_video(name: str) -> bool:
    return name.startswith(_CAMERA) or name.lower().endswith(_VIDEOS)
