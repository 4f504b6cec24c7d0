"""Images and videos named on the command line."""

import glob
import os
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from mmsepbn.apis.image import refuse_address
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.text_file import read_lines

# Of a folder these are tried; some only a few builds of OpenCV read, or none, which is then said of each file.
_READ = '.jpg .jpeg .jpe .jfif .png .bmp .dib .webp .tif .tiff .jp2 .pbm .pgm .ppm .pnm .pam .ras .sr'
_PERHAPS = '.gif .avif .heic .heif .jxl'
_IMAGES = tuple(f'{_READ} {_PERHAPS}'.split())
_VIDEOS = ('.mp4', '.avi', '.mov', '.mkv', '.webm', '.m4v', '.mpg', '.mpeg', '.wmv')
_CAMERA = 'webcam:'


class Inputs(NamedTuple):
    """What was named, each once.

    Attributes:
        images: paths.
        videos: paths of videos, and cameras.
        problems: names that match nothing, as messages.
        left_out: skipped files of folders, as messages.
    """

    images: list[str]
    videos: list[str]
    problems: list[str]
    left_out: list[str]


def find_inputs(names: Sequence[str], out: str | Path) -> Inputs:
    """Files of names: a file, a folder (its images, at any depth), a pattern, a ``.txt`` with a name on each line.

    Args:
        names: as typed, also with ``~``; ``webcam:0`` is a camera. A name is a pattern only if no file has that name.
        out: folder of results; where it lies inside a named folder, or a pattern's, its images are no inputs of that.
    """
    finder = _Finder(Path(os.path.realpath(os.path.expanduser(out))))
    finder.add(names)
    first: dict[str, str] = {}
    for file in finder.files:
        first.setdefault(os.path.abspath(file), file)
    videos = [file for file in first.values() if _is_video(file)]
    images = [file for file in first.values() if not _is_video(file)]
    return Inputs(images, videos, finder.problems, finder.left_out)


class _Finder:
    """Collects the files that names stand for, without the folder ``out`` of results."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.files: list[str] = []
        self.problems: list[str] = []
        self.left_out: list[str] = []

    def add(self, names: Sequence[str], listed: bool = False) -> None:
        """Add what names stand for; a name in a list is one of the command line, but of no further list."""
        for name in map(os.path.expanduser, names):
            try:
                if name.lower().endswith('.txt') and os.path.lexists(name) and not (listed or os.path.isdir(name)):
                    self.add(_lines(name), listed=True)
                else:
                    self.files += self._files(name)
            except (FileNotFoundError, AnnotationError) as error:
                self.problems.append(str(error))

    def _files(self, name: str) -> list[str]:
        if name.startswith(_CAMERA):
            return [name]
        if os.path.isdir(name):
            return self._images_below(name)
        if os.path.lexists(name):
            return [name]
        refuse_address(name)
        if not glob.has_magic(name):
            raise FileNotFoundError(f'There is no file {name!r}.')
        found = [file for file in sorted(glob.glob(name, recursive=True)) if os.path.isfile(file)]
        folder = Path(*takewhile(lambda part: not glob.has_magic(part), Path(name).parts))
        return _some(_visible(found, folder, self._out), f'No file matches {name!r}.')

    def _images_below(self, name: str) -> list[str]:
        below = [path for path in sorted(Path(name).rglob('*')) if not _hidden(path.relative_to(name).parts[:-1])]
        found = _visible(list(map(str, below)), Path(name), self._out)
        images = [file for file in found if _ending(file) in _IMAGES]
        others = Counter(_ending(file) for file in found if _ending(file) not in _IMAGES and os.path.isfile(file))
        listed = ', '.join(f'{ending or "no ending"} {count}' for ending, count in sorted(others.items()))
        if not images:
            raise FileNotFoundError(f'The folder {name!r} holds no image{listed and f"; its files: {listed}"}.')
        if others:
            self.left_out.append(f'{name}: left out, as not named as images: {listed}.')
        return images


def _lines(path: str) -> list[str]:
    lines = [line.strip() for line in read_lines(Path(path))]
    return _some([line for line in lines if line], f'The list {path!r} is empty.')


def _visible(files: list[str], folder: Path, out: Path) -> list[str]:
    """Without hidden files next to images (``._a.jpg``), and without results of earlier runs below the named folder."""
    seen = [file for file in files if os.path.basename(file)[0] != '.']
    if Path(os.path.realpath(folder)) not in out.parents:
        return seen
    return [file for file in seen if out not in Path(os.path.realpath(file)).parents]


def _hidden(folders: Sequence[str]) -> bool:
    """Whether a folder is one that systems and programs keep for themselves, such as ``.thumbnails``."""
    return any(folder.startswith('.') for folder in folders)


def _ending(file: str) -> str:
    return os.path.splitext(file)[1].lower()


def _some(files: list[str], message: str) -> list[str]:
    if not files:
        raise FileNotFoundError(message)
    return files


def _is_video(name: str) -> bool:
    return name.startswith(_CAMERA) or name.lower().endswith(_VIDEOS)
