"""The interface of face detectors, and their common parts: downscaling, limits, order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Integral, Real
from reprlib import repr as short
from threading import Lock
from typing import NamedTuple
from typing import Protocol as Interface

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmsepbn.datasets.annotation import box_problem

SEARCHED_SIDE = 640  # pixels; the size that detectors are measured on
SMALLEST = 20.0  # pixels of the image that is searched


class Found(NamedTuple):
    """Faces of an image, the largest first.

    Attributes:
        boxes: (N, 4) x1, y1, x2, y2 in image pixels; they may reach beyond the image.
        scores: (N,) 0 to 1; None where the detector has none.
    """

    boxes: NDArray[np.float64]
    scores: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class Limits:
    """Which faces are kept.

    Attributes:
        max_faces: maximum number, the largest; None: all.
        min_size: minimum length of the longer side of the box in image pixels.
        min_score: minimum detector score; 0 also accepts detectors without scores.
    """

    max_faces: int | None = None
    min_size: float = 0.0
    min_score: float = 0.0

    def __post_init__(self) -> None:
        """Refuse limits that keep nothing."""
        if self.max_faces is not None and (not isinstance(self.max_faces, Integral) or self.max_faces < 1):
            raise ValueError(f'max_faces must be at least 1, an integer, or None for all. Got {self.max_faces!r}.')
        if not isinstance(self.min_size, Real) or not 0 <= self.min_size < np.inf:
            raise ValueError(f'min_size must be pixels from 0 on. Got {self.min_size!r}.')
        if not isinstance(self.min_score, Real) or not 0 <= self.min_score <= 1:
            raise ValueError(f'min_score must be from 0 to 1. Got {self.min_score!r}.')

    def need_no_scores(self, reason: str) -> None:
        """Raise ValueError if faces are to be kept by scores that they do not have, for the given reason."""
        if self.min_score:
            raise ValueError(f'min_score must be 0 where faces have no scores. Got {self.min_score}, and {reason}.')


class Detector(Interface):
    """Finds faces in an image (H, W, 3), BGR uint8, as viewers show it.

    ``path`` is that of its file, by which given boxes are matched.
    """

    @property
    def name(self) -> str:
        """Key of the detector in NetworkInfo.box_maps."""

    def __call__(self, image: NDArray[np.uint8], path: str | None = None) -> Found:
        """The faces of the image."""


@dataclass(frozen=True)
class SearchingDetector:
    """A detector of pixels, which gets the image downscaled to at most 640 pixels on the longer side.

    Attributes:
        name: see :class:`Detector`.
        search: image (H, W, 3) BGR, smallest side of a face in its pixels -> faces, in any order.
        limits: which are kept.
    """

    name: str
    search: Callable[[NDArray[np.uint8], float], Found] = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    _searching: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)  # OpenCV's take one at a time

    def __call__(self, image: NDArray[np.uint8], path: str | None = None) -> Found:
        """The faces of an image (H, W, 3) BGR."""
        small = shrunk(image)
        scale = np.array(image.shape[1::-1]) / small.shape[1::-1]
        with self._searching:
            boxes, scores = self.search(small, max(self.limits.min_size / scale.max(), SMALLEST))
        boxes = boxes * np.tile(scale, 2)
        on_image = np.array([box_problem(box, image.shape) is None for box in boxes], bool)
        return kept(Found(boxes[on_image], None if scores is None else scores[on_image]), self.limits)


@dataclass(frozen=True)
class LimitedDetector:
    """A detector that keeps no limits itself, such as one of the user's."""

    detector: Detector
    limits: Limits

    @property
    def name(self) -> str:
        """That of the detector."""
        return self.detector.name

    def __call__(self, image: NDArray[np.uint8], path: str | None = None) -> Found:
        """The faces of an image (H, W, 3) BGR, within the limits."""
        return kept(checked_found(self.detector(image, path), self.name), self.limits)


def checked_found(found: Found, name: str) -> Found:
    """What the detector ``name``, which may be one of the user's, returns. ValueError: it is not as it must be."""
    if not isinstance(found, Found):
        raise ValueError(
            f'The detector {name} must return Found: boxes (N, 4), scores (N,) or None. Got {short(found)}.'
        )
    boxes = boxes_of(found.boxes, f'The boxes of the detector {name}')
    if found.scores is None:
        return Found(boxes)
    try:
        scores = np.asarray(found.scores, np.float64)
    except (TypeError, ValueError):
        scores = np.empty(())
    if scores.shape != (len(boxes),):
        raise ValueError(
            f'The detector {name} must return a score for each of its {len(boxes)} boxes, or None. '
            f'Got {short(found.scores)}.'
        )
    return Found(boxes, scores)


def boxes_of(given: ArrayLike, what: str) -> NDArray[np.float64]:
    """Boxes (N, 4) of a user, called ``what`` in the message. ValueError: they are not (N, 4)."""
    try:
        boxes = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        boxes = np.empty(())
    if boxes.size == 0 and boxes.ndim:
        return np.empty((0, 4))
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f'{what} must be (N, 4), x1, y1, x2, y2. Got {given!r}.')
    return boxes


def shrunk(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image with a longer side of at most 640 pixels; itself where it is that small."""
    height, width = image.shape[:2]
    scale = SEARCHED_SIDE / max(height, width)
    if scale >= 1:
        return image
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def kept(found: Found, limits: Limits) -> Found:
    """The faces within the limits, the largest first, without boxes that have no area."""
    sizes = found.boxes[:, 2:] - found.boxes[:, :2]
    within = (sizes.min(axis=1) > 0) & (sizes.max(axis=1) >= limits.min_size)
    if found.scores is not None:
        within &= (found.scores >= limits.min_score) | (limits.min_score == 0)  # scores of some kinds are negative
    elif len(found.boxes):
        limits.need_no_scores('the detector gives none')
    order = np.argsort(-sizes.prod(axis=1), kind='stable')
    order = order[within[order]][: limits.max_faces]
    return Found(found.boxes[order], None if found.scores is None else found.scores[order])


def none_found() -> Found:
    """No face."""
    return Found(np.empty((0, 4)))
