"""One annotated face as a file states it, and the checks every face has to pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.image_file import file_of
from mmsepbn.listing import shortened

BoxSource = Literal['official', 'landmarks']


class AnnotationError(ValueError):
    """A data set's file does not hold what its format says; the message names file and line."""


@dataclass(frozen=True)
class FaceAnnotation:
    """One face as read from an annotation file.

    Attributes:
        image: path relative to the image folder.
        landmarks: (L, 2) x, y in image pixels; they may lie outside the image.
        box: (4,) x1, y1, x2, y2 in image pixels; it may reach beyond the image.
        source: file and line, or file and entry, for messages.
        annotated: (L,) 1 where the landmark has coordinates, else 0; None: all have.
        subsets: names of the test subsets that the face belongs to.
        box_source: ``official`` box of the data set, or a box around the true ``landmarks``.
    """

    image: str
    landmarks: NDArray[np.floating]
    box: NDArray[np.floating]
    source: str
    annotated: NDArray[np.floating] | None = None
    subsets: tuple[str, ...] = ()
    box_source: BoxSource = 'official'


def check_annotation(face: FaceAnnotation, num_landmarks: int) -> None:
    """Raise AnnotationError unless landmarks are L finite points and the box has an area."""
    if face.landmarks.shape != (num_landmarks, 2):
        raise AnnotationError(
            f'{face.source}: expected {num_landmarks} landmarks of x, y. Got shape {face.landmarks.shape}.'
        )
    annotated = np.ones(num_landmarks, bool) if face.annotated is None else face.annotated > 0
    bad = np.flatnonzero(annotated & ~np.isfinite(face.landmarks).all(axis=1))
    if bad.size:
        raise AnnotationError(
            f'{face.source}: landmark {bad[0]} must be finite. Got {face.landmarks[bad[0]].tolist()}.'
        )
    if not annotated.any():
        raise AnnotationError(f'{face.source}: no landmark of this face is annotated.')
    x1, y1, x2, y2 = face.box
    if not (np.isfinite(face.box).all() and x2 > x1 and y2 > y1):
        raise AnnotationError(f'{face.source}: the box x1, y1, x2, y2 must have an area. Got {face.box.tolist()}.')


def check_images(folder: str, images: Iterable[str]) -> None:
    """Raise AnnotationError listing the first ten missing images and their number."""
    missing = [file for file in dict.fromkeys(map(file_of, images)) if not (Path(folder) / file).is_file()]
    if missing:
        raise AnnotationError(f'{len(missing)} annotated images are missing under {folder}:\n  {shortened(missing)}')


def parse_numbers(fields: Sequence[str], source: str) -> NDArray[np.float64]:
    """Numbers from text fields; AnnotationError naming the first field that is none."""
    try:
        return np.array(fields, np.float64)
    except ValueError:
        for index, field in enumerate(fields):
            try:
                float(field)
            except ValueError:
                raise AnnotationError(f'{source}: field {index} must be a number. Got {field!r}.') from None
        raise
