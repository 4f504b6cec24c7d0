"""How a data set's annotators differ from others: the same face, landmarks put a little elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.protocols import PROTOCOLS, WIDER_FACE

_OUTLINE = ('contour', 'chin')
_BROWS = ('left_brow', 'right_brow')


@dataclass(frozen=True)
class LabelStyle:
    """A data set's habits; every number is a fraction of the distance between the centres of the eyes.

    Attributes:
        outline: how far the contour and the chin lie outside of the drawn ones, away from the middle of the face.
        brows: how far the brows' points lie above the drawn ones.
        jitter: standard deviation of each coordinate, as of hands that are not steady.
    """

    outline: float = 0.0
    brows: float = 0.0
    jitter: float = 0.0


def relabel(faces: Iterable[AnnotatedFace], protocol: str, style: LabelStyle, seed: int) -> Iterator[AnnotatedFace]:
    """The faces with ``protocol``'s landmarks in a set's style; jitter depends on seed, protocol and order alone."""
    for index, face in enumerate(faces):
        rng = np.random.default_rng((seed, list(PROTOCOLS).index(protocol), index))
        landmarks = styled_landmarks(face, protocol, style, rng)
        yield replace(face, landmarks={**face.landmarks, protocol: landmarks})


def styled_landmarks(
    face: AnnotatedFace, protocol: str, style: LabelStyle, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Landmarks (L, 2) of one face in a style, in pixels. Raises ValueError naming a face that lacks them."""
    marks = PROTOCOLS[protocol]
    eyes = face.marked(WIDER_FACE)
    left, right = (eyes[list(WIDER_FACE.part(f'{side}_eye').indices)].mean(axis=0) for side in ('left', 'right'))
    unit = float(np.linalg.norm(right - left))
    across = (right - left) / max(unit, 1e-9)
    up = np.array((across[1], -across[0]))
    landmarks = face.marked(marks).copy()
    middle = face.marked(WIDER_FACE).mean(axis=0)
    for part in marks.parts:
        rows = list(part.indices)
        if part.name in _OUTLINE:
            away = landmarks[rows] - middle
            landmarks[rows] += style.outline * unit * away / np.linalg.norm(away, axis=1, keepdims=True)
        elif part.name in _BROWS:
            landmarks[rows] += style.brows * unit * up
    return landmarks + rng.normal(0.0, style.jitter * unit, landmarks.shape)
