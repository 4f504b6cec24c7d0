"""One annotated face, and the checks every face must pass."""

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmsepbn.user_error import UserError

BoxSource = Literal['official', 'landmarks']

REACH = 2**24  # pixels; float32, in which faces are kept, does not hold every whole pixel beyond
NARROWEST = 1e-3  # pixels; what divides by the side of a narrower box overflows
_DIGITS = frozenset('0123456789+-.eE')


class AnnotationError(UserError):
    """A data set's file violates its format; the message names file and line."""


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


def lies_outside(box: NDArray[np.floating], width: int, height: int) -> bool:
    """Whether a box (4,) x1, y1, x2, y2 touches no pixel of an image of that size."""
    x1, y1, x2, y2 = box
    return bool(x2 <= 0 or y2 <= 0 or x1 >= width or y1 >= height)


def box_problem(box: NDArray[np.floating], image: tuple[int, ...] | None) -> str | None:
    """Why a box (4,) x1, y1, x2, y2 is invalid, as float32 keeps it.

    It must touch the image of shape ``image`` (H, W, ...), if given.
    """
    if not within_reach(box).all():
        return f'must be finite and within ±{REACH} pixels.'
    kept = box.astype(np.float32)
    if (kept[2:] - kept[:2]).min() < NARROWEST:
        return 'must have an area: x1, y1, x2, y2 with x1 < x2 and y1 < y2, in pixels.'
    if image and lies_outside(box, image[1], image[0]):
        return f'lies outside the image of {image[1]} x {image[0]} pixels.'
    return None


def check_annotation(face: FaceAnnotation, num_landmarks: int) -> None:
    """Raise AnnotationError unless landmarks are L points and the box has an area, both as float32 keeps them."""
    if face.landmarks.shape != (num_landmarks, 2):
        raise AnnotationError(
            f'{face.source}: expected {num_landmarks} landmarks of x, y. Got shape {face.landmarks.shape}.'
        )
    annotated = np.ones(num_landmarks, bool) if face.annotated is None else face.annotated > 0
    bad = np.flatnonzero(annotated & ~within_reach(face.landmarks).all(axis=1))
    if bad.size:
        raise AnnotationError(
            f'{face.source}: landmark {bad[0]} must be finite{_beyond(face.landmarks[bad[0]])}. '
            f'Got {face.landmarks[bad[0]].tolist()}.'
        )
    if not annotated.any():
        raise AnnotationError(f'{face.source}: no landmark of this face is annotated.')
    if face.box.shape != (4,):
        raise AnnotationError(f'{face.source}: the box must be x1, y1, x2, y2. Got shape {face.box.shape}.')
    if problem := box_problem(face.box, None):
        raise AnnotationError(f'{face.source}: the box {problem} Got {face.box.tolist()}.')


def within_reach(values: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which values are finite and less than 2**24 away from zero."""
    return np.abs(values) < REACH  # False for NaN


def parse_numbers(fields: Sequence[str], source: str) -> NDArray[np.float64]:
    """Decimal numbers from text fields; AnnotationError names the first invalid field, or one beyond 2**24."""
    try:
        return _decimals(fields)
    except ValueError:
        for index, field in enumerate(fields):
            try:
                _decimals([field])
            except ValueError as error:
                raise AnnotationError(f'{source}: field {index} {error}. Got {reprlib.repr(field)}.') from None
        raise


def _decimals(fields: Sequence[str]) -> NDArray[np.float64]:
    """Python's float() would also take 1_000, nan and digits of other scripts."""
    if not _DIGITS.issuperset(''.join(fields)):
        raise ValueError('must be a number')
    try:
        numbers = np.array([float(field) for field in fields])
    except ValueError:
        raise ValueError('must be a number') from None
    if not within_reach(numbers).all():
        raise ValueError(f'must be a number within ±{REACH}')
    return numbers


def _beyond(values: NDArray[np.floating]) -> str:
    return f' and lie within ±{REACH} pixels' if np.isfinite(values).all() else ''
