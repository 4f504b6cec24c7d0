"""Frames of YouTube Faces with 68 landmarks, from a public course repository, split by person.

Source: udacity/P1_Facial_Keypoints, folder ``data``: ``{training,test}_frames_keypoints.csv`` (file name, then x, y of
68 landmarks in image pixels) and the folders ``training`` and ``test``. Research use.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.datasets.annotation import AnnotationError, parse_numbers
from mmsepbn.datasets.data_root import DataRoot
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.formats.text_file import read_text
from mmsepbn.protocols import FACE_300W, derived_landmarks

_NUM_NUMBERS = 2 * FACE_300W.num_landmarks
_UPWARD, _JITTER = 0.15, 0.04


@dataclass(frozen=True)
class Frame:
    """One annotated frame: landmarks (68, 2) in pixels, the image's path and the person's name."""

    path: Path
    person: str
    landmarks: NDArray[np.float64]


def read_frames(clone: Path) -> list[Frame]:
    """All frames below a clone of the repository, or below its ``data``; AnnotationError names file and line."""
    root = next((folder for folder in (clone / 'data', clone) if (folder / 'training').is_dir()), None)
    if root is None:
        raise AnnotationError(f'{clone} must hold data/training and data/test, as the repository does.')
    inside = DataRoot(clone)
    frames = []
    for split in ('training', 'test'):
        table = root / f'{split}_frames_keypoints.csv'
        if not inside.has(table, str(clone)):
            raise AnnotationError(f'{table} does not exist.')
        for number, row in _rows(table):
            frame = _frame(row, root / split, f'{table}:{number}')
            inside.has(frame.path, f'{table}:{number}')
            frames.append(frame)
    return frames


def person_share(person: str) -> float:
    """A number in [0, 1) that depends on the name alone, by which people are dealt to splits."""
    return int(hashlib.sha1(person.encode()).hexdigest()[:8], 16) / 16**8


def annotated_face(frame: Frame) -> AnnotatedFace:
    """The frame with landmarks of 300W, AFLW and WIDER FACE, and a box such as a detector gives.

    The box is square about the landmarks, reaches 15 % further up, and is off by up to 4 % of its side, which depends
    on the file name alone. FileNotFoundError names an image that cannot be read.
    """
    rng = np.random.default_rng(int(hashlib.sha1(frame.path.name.encode()).hexdigest()[:8], 16))
    low, high = frame.landmarks.min(axis=0), frame.landmarks.max(axis=0)
    low = low - (0.0, _UPWARD * (high[1] - low[1]))
    side = (high - low).max() * rng.uniform(1.0, 1.0 + _JITTER)
    x, y = (low + high) / 2 + side * rng.uniform(-_JITTER, _JITTER, 2)
    names = ('300w', 'aflw', 'wider_face')
    return AnnotatedFace(
        name=f'{frame.path.parent.name}_{frame.path.stem}',  # both folders hold some frame names
        image=read_image(str(frame.path)),
        landmarks={name: derived_landmarks(frame.landmarks, '300w', name) for name in names},
        box=(x - side / 2, y - side / 2, x + side / 2, y + side / 2),
    )


def split_people(frames: list[Frame], shares: dict[str, float]) -> dict[str, list[Frame]]:
    """Frames of disjoint people for each split, about ``shares`` (which add up to 1) of the people each."""
    ends = np.cumsum(list(shares.values()))
    splits: dict[str, list[Frame]] = {name: [] for name in shares}
    for frame in frames:
        place = min(int(np.searchsorted(ends, person_share(frame.person), side='right')), len(ends) - 1)
        splits[list(shares)[place]].append(frame)
    return splits


def _rows(table: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and fields of each frame of a table."""
    rows = csv.reader(io.StringIO(read_text(table), newline=''))
    try:
        header = next(rows, [])
        if header[:1] != ['']:
            raise AnnotationError(f'{table}:1: expected the header, which begins with a comma.')
        yield from ((rows.line_num, row) for row in rows if row)
    except csv.Error as error:
        raise AnnotationError(f'{table}:{rows.line_num}: not a table: {error}.') from None


def _frame(row: list[str], folder: Path, source: str) -> Frame:
    if len(row) != 1 + _NUM_NUMBERS:
        raise AnnotationError(f'{source}: expected a file name and {_NUM_NUMBERS} numbers. Got {len(row)} fields.')
    landmarks = parse_numbers(row[1:], source).reshape(-1, 2)
    return Frame(folder / row[0], row[0].rsplit('_', 1)[0], landmarks)
