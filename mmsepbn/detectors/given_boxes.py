"""The user's own boxes, in files, as a detector that matches images by name."""

import csv
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from reprlib import repr as short
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError, parse_numbers
from mmsepbn.datasets.formats.coco_file import box_of, image_names, image_of, numbers_of, section_of
from mmsepbn.datasets.formats.image_file import orientation_of
from mmsepbn.datasets.formats.json_file import load_json
from mmsepbn.datasets.formats.text_file import read_lines
from mmsepbn.datasets.transforms.exif_turn import box_to_shown
from mmsepbn.detectors.detector import Found, Limits, kept, none_found

_IMAGE = ('image', 'file_name', 'filename', 'file', 'path')
_CORNERS, _SIZES = ('x1', 'y1', 'x2', 'y2'), (('x', 'y', 'w', 'h'), ('x', 'y', 'width', 'height'))
SUFFIXES = ('.csv', '.json')
Parts = tuple[str, ...]  # of the path of an image
UNNAMED = 'boxes'  # the detector of boxes whose file names none


@dataclass(frozen=True)
class GivenBox:
    """A box as stated in a file.

    Attributes:
        image: name of the image, or its path as the file has it; without a suffix where the file stands for one image.
        box: (4,) x1, y1, x2, y2 in image pixels.
        source: file and line, or file and entry, for messages.
        score: 0 to 1; None where the file has none.
        detector: the detector of the box, see :attr:`GivenBoxes.name`.
        stored: whether it is in pixels as stored in the image file, not as viewers show them.
    """

    image: str
    box: NDArray[np.float64]
    source: str
    score: float | None = None
    detector: str = UNNAMED
    stored: bool = False


@dataclass(frozen=True)
class GivenBoxes:
    """Reads the boxes of an image from files.

    A box belongs to an image where one of the two paths is the end of the other: ``a.jpg`` or ``photos/a.jpg`` in the
    file to ``/home/me/photos/a.jpg``. An image that the files do not name has no face. Boxes of an image that are
    equal are one face, which files of several protocols have several times.

    Raises:
        AnnotationError: the boxes are of several detectors.
        ValueError: faces are to be kept by score, but a box has no score.
    """

    boxes: tuple[GivenBox, ...] = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    _asked: dict[Parts, str] = field(default_factory=dict, repr=False)
    _by_last: dict[str, list[tuple[GivenBox, Parts]]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse boxes of several kinds, as one map fits them to a network."""
        for given in self.boxes:
            parts = _parts(given.image)
            self._by_last.setdefault(parts[-1], []).append((given, parts))
        first = {given.detector: given.source for given in reversed(self.boxes)}
        if len(first) > 1:
            listed = ', '.join(f'{detector} ({source})' for detector, source in first.items())
            raise AnnotationError(f'Boxes must all be of one detector. Got {listed}.')
        if without := next((given.source for given in self.boxes if given.score is None), None):
            self.limits.need_no_scores(f'{without} has none')

    @property
    def name(self) -> str:
        """The detector named in the files, whose map fits the boxes; ``boxes`` if they do not name one."""
        return self.boxes[0].detector if self.boxes else UNNAMED

    def __call__(self, image: NDArray[np.uint8], path: str | None = None) -> Found:
        """The boxes of the image (H, W, 3), which is as viewers show it.

        Raises:
            FileNotFoundError: the image's file, of which the orientation is needed, cannot be read.
            ValueError: the image has no path, boxes of several images of its name may be meant, or the boxes were those
                of another image before.
        """
        if path is None:
            raise ValueError('Boxes of a file need images that are files, as they are matched by name. Got an array.')
        named, images = self._matching(path)
        longest = max(images, key=len, default=())
        if any(name != longest[-len(name) :] for name in images):
            listed = ', '.join(sorted({given.image for given in named}))
            raise ValueError(f'Boxes of {path} must be those of one image. Got boxes of {listed}.')
        if len(kinds := {given.stored: given.source for given in named}) > 1:
            raise ValueError(f'Boxes of {path} must be of one file. Got {" and ".join(kinds.values())}.')
        orientation = orientation_of(path) if any(given.stored for given in named) else 1
        size = (image.shape[1], image.shape[0])
        named = [
            replace(given, box=box_to_shown(given.box, orientation, size)) if given.stored else given for given in named
        ]
        # Files of several formats differ by rounding.
        own = list({tuple(np.round(given.box, 3)): given for given in named}.values())
        if not own:
            return none_found()
        for name in images:
            if (before := self._asked.setdefault(name, os.path.abspath(path))) != os.path.abspath(path):
                raise ValueError(f'Boxes of {PurePath(*name)} must be those of one image. Got {before} and {path}.')
        scores = [given.score for given in own if given.score is not None]
        found = Found(np.array([given.box for given in own]), np.array(scores) if len(scores) == len(own) else None)
        return kept(found, self.limits)

    def _matching(self, path: str) -> tuple[list[GivenBox], set[Parts]]:
        """The boxes whose image may be that at ``path``, in the order of the files, and the names of their images.

        Names without its suffix count where no other does.
        """
        for whole in (_parts(path), _parts(os.path.splitext(path)[0])):
            alike = self._by_last.get(whole[-1], ())
            found = [(given, parts) for given, parts in alike if _end_alike(parts, whole)]
            if found:
                return [given for given, _ in found], {parts for _, parts in found}
        return [], set()


def read_boxes(path: str | Path) -> tuple[GivenBox, ...]:
    """Boxes of a file, or of all files of a folder: CSV, COCO's JSON, MMPose's or ours, 0-based.

    They are in pixels of the image as viewers show it; those of an entry with MMPose's ``center`` and ``scale`` are in
    pixels as they are stored, as MMPose's training files have them.

    A CSV has a line of column names: ``x1, y1, x2, y2`` or ``x, y, w, h`` in image pixels, ``score`` and ``detector``
    where there are any, and ``image``; without it the file stands for the image of its own name, ``a.csv`` for
    ``a.jpg``.

    Raises:
        FileNotFoundError: there is no such file, or the folder has none.
        AnnotationError: a file has other content; names file and line or entry.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f'There is no file or folder {path} of boxes.')
    files = sorted(file for file in path.rglob('*') if _is_of_boxes(file, path)) if path.is_dir() else [path]
    if not files:
        raise FileNotFoundError(f'The folder {path} must hold files of boxes, .csv or .json. Got none.')
    return tuple(box for file in files for box in (_json if file.suffix.lower() == '.json' else _table)(file))


def _is_of_boxes(file: Path, folder: Path) -> bool:
    """Whether it is a file of boxes, and neither hidden, as Macs leave one beside each, nor in a hidden folder."""
    hidden = any(part.startswith('.') for part in file.relative_to(folder).parts)
    return file.suffix.lower() in SUFFIXES and not hidden and file.is_file()


def _parts(path: str) -> Parts:
    """Parts of a path that a file may write in the manner of Windows, or a Mac with accents of their own."""
    plain = os.path.normpath(unicodedata.normalize('NFC', path.replace('\\', '/')))
    return tuple(part for part in PurePath(plain).parts if part != '..') or (plain,)


def _end_alike(one: Parts, other: Parts) -> bool:
    count = min(len(one), len(other))
    return one[-count:] == other[-count:]


def _json(path: Path) -> Iterator[GivenBox]:
    content = load_json(path)
    if isinstance(content, dict) and {'image', 'faces'} <= content.keys():
        return _predicted(content, path)
    return _coco(content, path)


def _predicted(content: dict[str, Any], path: Path) -> Iterator[GivenBox]:
    """Boxes of the JSON that tools/predict.py writes for an image."""
    if not isinstance(content['image'], str):
        raise AnnotationError(f'{path}: image must be the name of a file. Got {short(content["image"])}.')
    for number, entry in enumerate(section_of(content, 'faces', path)):
        source = f'{path}: face {number}'
        yield _checked(GivenBox(content['image'], numbers_of(entry, 'box', source, 4), source, *_said(entry, source)))


def _coco(content: Any, path: Path) -> Iterator[GivenBox]:
    names = image_names(content, path)
    for number, entry in enumerate(section_of(content, 'annotations', path)):
        source = f'{path}: annotation {short(entry.get("id", f"number {number}"))}'
        stored = 'center' in entry and 'scale' in entry  # MMPose's, of whose images training reads the stored pixels
        box, image = box_of(entry, source), image_of(entry, names, source)
        yield _checked(GivenBox(image, box, source, *_said(entry, source), stored))


def _said(entry: dict[str, Any], source: str) -> tuple[float | None, str]:
    """Score and detector of an entry."""
    score = None if entry.get('score') is None else float(numbers_of(entry, 'score', source, 1)[0])
    detector = entry.get('detector') or UNNAMED
    if not isinstance(detector, str):
        raise AnnotationError(f'{source}: detector must be a name. Got {short(detector)}.')
    return score, detector


def _table(path: Path) -> Iterator[GivenBox]:
    lines = _csv_lines(path)
    columns = [name.strip().lower() for name in next(lines, (1, []))[1]]
    corners = next((names for names in (_CORNERS, *_SIZES) if set(names) <= set(columns)), None)
    if corners is None:
        raise AnnotationError(
            f'{path}:1: the first line must name image, and x1, y1, x2, y2 or x, y, w, h. Got {short(columns)}.'
        )
    if twice := sorted({name for name in columns if name and columns.count(name) > 1}):
        raise AnnotationError(f'{path}:1: columns must have names of their own. Got {", ".join(twice)} twice.')
    image = next((name for name in _IMAGE if name in columns), None)
    if image is None and 'frame' in columns:
        raise AnnotationError(f'{path}:1: the boxes must be those of images. Got a column frame, so those of a video.')
    for number, fields in lines:
        source = f'{path}:{number}'
        if not any(fields):
            continue
        if len(fields) != len(columns):
            raise AnnotationError(f'{source}: expected {len(columns)} fields. Got {len(fields)}.')
        row = dict(zip(columns, map(str.strip, fields), strict=True))
        box = parse_numbers([row[name] for name in corners], f'{source}: of {", ".join(corners)}')
        if corners != _CORNERS:
            box[2:] += box[:2]
        score = float(parse_numbers([row['score']], f'{source}: of score')[0]) if row.get('score') else None
        detector = row.get('detector') or UNNAMED
        yield _checked(GivenBox(row[image] if image else path.stem, box, source, score, detector))


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Fields of each line, and its number from 1."""
    lines = csv.reader(read_lines(path), strict=True)
    try:
        for fields in lines:
            yield lines.line_num, fields
    except csv.Error as error:
        raise AnnotationError(
            f'{path}:{lines.line_num}: a field that begins with a quotation mark must end with one. Got: {error}.'
        ) from None


def _checked(given: GivenBox) -> GivenBox:
    if not given.image:
        raise AnnotationError(f'{given.source}: the image must have a name. Got none.')
    if not (given.box[2:] > given.box[:2]).all():
        raise AnnotationError(f'{given.source}: the box must have an area. Got {given.box.tolist()}.')
    return given
