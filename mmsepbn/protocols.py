"""Landmark protocols: one frozen record per mark-up, the single source of counts, flips, parts and normalizers.

Indices are 0-based rows of an (L, 2) array of x, y in image pixels. "left" and "right" are those of the *image*:
``left_eye`` is the eye at small x of an upright frontal face, the subject's right one.

Sources: the data sets' own papers and read-me files; counts, pairs and corners agree with MMPose's ``_base_/datasets``.
:func:`register_protocol` adds your own.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

Normalizer = Literal['eye_corners', 'box_side']


@dataclass(frozen=True)
class Part:
    """A named, ordered run of landmarks: a curve to draw, or a single point.

    ``closed`` joins the last landmark to the first.
    """

    name: str
    indices: tuple[int, ...]
    closed: bool = False

    @property
    def links(self) -> tuple[tuple[int, int], ...]:
        """Pairs of landmarks that the curve joins, in its order."""
        links = tuple(pairwise(self.indices))
        return (*links, (self.indices[-1], self.indices[0])) if self.closed else links


def _whole(value: object) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError
    return int(value)


def _count(value: object) -> int:
    if (count := _whole(value)) < 1:
        raise ValueError
    return count


def _list(value: object) -> Sequence[Any]:
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        raise TypeError
    return cast('Sequence[Any]', value)


def _wholes(value: object) -> tuple[int, ...]:
    return tuple(map(_whole, _list(value)))


def _pair(value: object) -> tuple[int, int]:
    first, second = _wholes(value)
    return first, second


def _part(value: object) -> Part:
    if not isinstance(value, Part):
        raise TypeError
    return Part(_text(value.name), _wholes(value.indices), value.closed)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


@dataclass(frozen=True)
class Protocol:
    """One landmark mark-up scheme.

    ``flip_pairs`` holds the landmarks that change places when the image is mirrored; all others map to themselves.
    ``eye_corners`` are the outer corners (image-left, image-right), None where the mark-up has none. ``subsets`` names
    those of the test set of the data set that introduced the mark-up, in the order in which papers print them.

    Raises:
        ValueError: a field of another type, an index outside of the mark-up, a landmark in two flip pairs, one landmark
            for both eye corners, two parts of one name, a normalizer that is not known or lacks its corners, or a name
            that cannot be a branch's or a result's: empty, or with a dot or slash.
    """

    name: str
    num_landmarks: int
    flip_pairs: tuple[tuple[int, int], ...]
    normalizer: Normalizer
    parts: tuple[Part, ...] = ()
    eye_corners: tuple[int, int] | None = None
    subsets: tuple[str, ...] = ()
    nose_tip: int | None = None

    def __post_init__(self) -> None:
        """Refuse inconsistent fields."""
        if not isinstance(self.name, str) or not self.name or set(self.name) & set('./'):
            raise ValueError(f"Protocol(name=) must have letters and no '.' or '/'. Got {self.name!r}.")
        self._to_plain()
        if self.normalizer not in get_args(Normalizer):
            raise ValueError(f'Protocol(normalizer=) must be one of {get_args(Normalizer)}. Got {self.normalizer!r}.')
        if self.normalizer == 'eye_corners' and self.eye_corners is None:
            raise ValueError(f'Protocol(eye_corners=) of {self.name} must be set, the normalizer uses them. Got None.')
        paired = [index for pair in self.flip_pairs for index in pair]
        for name, indices in (
            ('flip_pairs', paired),
            ('parts', [index for part in self.parts for index in part.indices]),
            ('eye_corners', self.eye_corners or ()),
            ('nose_tip', () if self.nose_tip is None else (self.nose_tip,)),
        ):
            if outside := [index for index in indices if not 0 <= index < self.num_landmarks]:
                raise ValueError(
                    f'Protocol({name}=) of {self.name} must lie in [0, {self.num_landmarks}). Got {outside}.'
                )
        if twice := [index for index, count in Counter(paired).items() if count > 1]:
            raise ValueError(f'Protocol(flip_pairs=) of {self.name} must name each landmark once. Got twice: {twice}.')
        if self.eye_corners and self.eye_corners[0] == self.eye_corners[1]:
            raise ValueError(f'Protocol(eye_corners=) of {self.name} must be two landmarks. Got {self.eye_corners}.')
        if named_twice := [name for name, count in Counter(part.name for part in self.parts).items() if count > 1]:
            raise ValueError(f'Protocol(parts=) of {self.name} must have names of their own. Got twice: {named_twice}.')

    def _to_plain(self) -> None:
        """Make the fields tuples of int and str, which an exported file can hold; refuse other types."""
        for name, expected, plain in (
            ('num_landmarks', 'a whole number above 0', _count),
            ('flip_pairs', 'pairs of whole numbers', lambda pairs: tuple(map(_pair, _list(pairs)))),
            ('parts', 'Parts with a name and whole numbers', lambda parts: tuple(map(_part, _list(parts)))),
            ('eye_corners', 'two whole numbers, or None', lambda pair: None if pair is None else _pair(pair)),
            ('subsets', 'texts', lambda texts: tuple(map(_text, _list(texts)))),
            ('nose_tip', 'a whole number, or None', lambda index: None if index is None else _whole(index)),
        ):
            try:
                value = plain(getattr(self, name))
            except (TypeError, ValueError):
                value = getattr(self, name)
                raise ValueError(f'Protocol({name}=) of {self.name} must be {expected}. Got {value!r}.') from None
            object.__setattr__(self, name, value)  # the instance is frozen

    @property
    def flip_indices(self) -> tuple[int, ...]:
        """Row ``i`` of a mirrored face is row ``flip_indices[i]`` of the original. An involution of length L."""
        indices = list(range(self.num_landmarks))
        for left, right in self.flip_pairs:
            indices[left], indices[right] = right, left
        return tuple(indices)

    @property
    def landmark_names(self) -> tuple[str, ...]:
        """A name of each landmark: its first part and the place in it, such as ``left_eye_0``; else ``landmark_17``."""
        names: dict[int, str] = {}
        for part in self.parts:
            for place, index in enumerate(part.indices):
                names.setdefault(index, f'{part.name}_{place}')
        return tuple(names.get(index, f'landmark_{index}') for index in range(self.num_landmarks))

    def part(self, name: str) -> Part:
        """The part called ``name``; a ValueError lists the known names."""
        for part in self.parts:
            if part.name == name:
                return part
        raise ValueError(f'Protocol.part(name=) of {self.name} knows {[p.name for p in self.parts]}. Got {name!r}.')

    def normalizers(self, landmarks: NDArray[np.floating], boxes: NDArray[np.floating]) -> NDArray[np.float64]:
        """Normalization length of each face, in image pixels (paper Sec. V, Eq. 8): (N, L, 2), (N, 4) -> (N,).

        ``eye_corners``: distance of the outer eye corners of the ground truth. ``box_side``: longer side of the face
        box x1, y1, x2, y2 (AFLW's boxes are square, so its side).
        """
        if self.normalizer == 'eye_corners':
            corners = np.asarray(landmarks, np.float64)[:, list(self.eye_corners or ())]
            return np.linalg.norm(corners[:, 0] - corners[:, 1], axis=-1)
        boxes = np.asarray(boxes, np.float64)
        return np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])

    def normalizer_problem(
        self, landmarks: NDArray[np.floating], annotated: NDArray[np.floating], box: NDArray[np.floating]
    ) -> str | None:
        """Why a face has no normalizer, so its error is undefined: (L, 2), (L,), (4,); None if it has one."""
        corners = self.eye_corners if self.normalizer == 'eye_corners' else None
        if corners and not (np.asarray(annotated)[list(corners)] > 0).all():
            return f'the eye corners {corners} must be annotated, their distance is the normalizer.'
        length = self.normalizers(np.asarray(landmarks)[None], np.asarray(box)[None])[0]
        if not 0 < length < np.inf:  # also where it is NaN
            return f'the normalizer must be positive. Got {length}.'
        return None


def _span(first: int, last: int) -> tuple[int, ...]:
    return tuple(range(first, last + 1))


def _mirrored(first: int, last: int) -> tuple[tuple[int, int], ...]:
    """Pairs (first, last), (first + 1, last - 1), ... of a run that is symmetric about its middle."""
    return tuple((first + i, last - i) for i in range((last - first + 1) // 2))


WFLW = Protocol(
    name='wflw',
    num_landmarks=98,
    flip_pairs=(
        *_mirrored(0, 32),
        *_mirrored(33, 46)[:5],
        *_mirrored(38, 50)[:4],
        *_mirrored(55, 59),
        *_mirrored(60, 72)[:5],
        (65, 75),
        (66, 74),
        (67, 73),
        *_mirrored(76, 82),
        *_mirrored(83, 87),
        *_mirrored(88, 92),
        *_mirrored(93, 95),
        (96, 97),
    ),
    normalizer='eye_corners',
    eye_corners=(60, 72),
    subsets=('pose', 'expression', 'illumination', 'makeup', 'occlusion', 'blur'),
    nose_tip=54,
    parts=(
        Part('contour', _span(0, 32)),
        Part('left_brow', _span(33, 41), closed=True),
        Part('right_brow', _span(42, 50), closed=True),
        Part('nose_bridge', _span(51, 54)),
        Part('nose_base', _span(55, 59)),
        Part('left_eye', _span(60, 67), closed=True),
        Part('right_eye', _span(68, 75), closed=True),
        Part('outer_lip', _span(76, 87), closed=True),
        Part('inner_lip', _span(88, 95), closed=True),
        Part('left_pupil', (96,)),
        Part('right_pupil', (97,)),
    ),
)

FACE_300W = Protocol(
    name='300w',
    num_landmarks=68,
    flip_pairs=(
        *_mirrored(0, 16),
        *_mirrored(17, 26),
        *_mirrored(31, 35),
        *_mirrored(36, 45)[:4],
        (40, 47),
        (41, 46),
        *_mirrored(48, 54),
        *_mirrored(55, 59),
        *_mirrored(60, 64),
        *_mirrored(65, 67),
    ),
    normalizer='eye_corners',
    eye_corners=(36, 45),
    subsets=('common', 'challenging'),
    nose_tip=30,
    parts=(
        Part('contour', _span(0, 16)),
        Part('left_brow', _span(17, 21)),
        Part('right_brow', _span(22, 26)),
        Part('nose_bridge', _span(27, 30)),
        Part('nose_base', _span(31, 35)),
        Part('left_eye', _span(36, 41), closed=True),
        Part('right_eye', _span(42, 47), closed=True),
        Part('outer_lip', _span(48, 59), closed=True),
        Part('inner_lip', _span(60, 67), closed=True),
    ),
)

COFW = Protocol(
    name='cofw',
    num_landmarks=29,
    flip_pairs=((0, 1), (2, 3), (4, 6), (5, 7), (8, 9), (10, 11), (12, 14), (13, 15), (16, 17), (18, 19), (22, 23)),
    normalizer='eye_corners',
    eye_corners=(8, 9),
    nose_tip=20,
    parts=(
        Part('left_brow', (0, 4, 2, 5), closed=True),  # outer end, upper middle, inner end, lower middle
        Part('right_brow', (1, 6, 3, 7), closed=True),
        Part('left_eye', (8, 12, 10, 13), closed=True),  # outer corner, upper lid, inner corner, lower lid
        Part('right_eye', (9, 14, 11, 15), closed=True),
        Part('left_pupil', (16,)),
        Part('right_pupil', (17,)),
        Part('nose', (18, 20, 19, 21), closed=True),  # image-left wing, tip, image-right wing, base
        Part('outer_lip', (22, 24, 23, 27), closed=True),
        Part('inner_lip', (25, 26)),  # lower edge of the upper lip, upper edge of the lower lip
        Part('chin', (28,)),
    ),
)

AFLW = Protocol(
    name='aflw',
    num_landmarks=19,
    flip_pairs=((0, 5), (1, 4), (2, 3), (6, 11), (7, 10), (8, 9), (12, 14), (15, 17)),
    normalizer='box_side',
    eye_corners=(6, 11),
    subsets=('frontal',),
    nose_tip=13,
    parts=(
        Part('left_brow', (0, 1, 2)),  # image-left to image-right in every part
        Part('right_brow', (3, 4, 5)),
        Part('left_eye', (6, 7, 8)),  # corner, centre, corner
        Part('right_eye', (9, 10, 11)),
        Part('nose', (12, 13, 14)),  # wing, tip, wing
        Part('mouth', (15, 16, 17)),  # corner, centre, corner
        Part('chin', (18,)),
    ),
)

WIDER_FACE = Protocol(
    name='wider_face',
    num_landmarks=5,
    nose_tip=2,
    flip_pairs=((0, 1), (3, 4)),
    normalizer='box_side',
    parts=(
        Part('left_eye', (0,)),  # eye centres
        Part('right_eye', (1,)),
        Part('nose', (2,)),  # tip
        Part('mouth', (3, 4)),  # corners
    ),
)

# Of the paper's five data sets.
PROTOCOLS: dict[str, Protocol] = {p.name: p for p in (COFW, AFLW, WFLW, FACE_300W, WIDER_FACE)}
_known = dict(PROTOCOLS)


def register_protocol(protocol: Protocol) -> Protocol:
    """Register a protocol by its name for data sets, branches and the metric. Returns it.

    Registering an equal one again changes nothing. Raises ValueError if another protocol has the name.
    """
    if _known.setdefault(protocol.name, protocol) != protocol:
        raise ValueError(f'register_protocol(): there is another protocol named {protocol.name!r}.')
    return protocol


def is_known(name: str) -> bool:
    """Whether there is a protocol called ``name``, the paper's or a registered one."""
    return name in _known


def get_protocol(name: str) -> Protocol:
    """The protocol called ``name``; a ValueError lists the known names."""
    if not is_known(name):
        raise ValueError(f'get_protocol(name=) knows {sorted(_known)}. Got {name!r}.')
    return _known[name]


_LEFT_EYE, _RIGHT_EYE = (FACE_300W.part(name).indices for name in ('left_eye', 'right_eye'))
# From the landmarks of one protocol to those of another: for each of these the ones whose mean it is.
_DERIVED: dict[tuple[str, str], tuple[tuple[int, ...], ...]] = {
    ('300w', 'aflw'): (
        *((17,), (19,), (21,), (22,), (24,), (26,)),
        *((36,), _LEFT_EYE, (39,), (42,), _RIGHT_EYE, (45,)),
        *((31,), (30,), (35,), (48,), (62, 66), (54,), (8,)),
    ),
    ('300w', 'wider_face'): (_LEFT_EYE, _RIGHT_EYE, (30,), (48,), (54,)),
    ('wflw', 'wider_face'): (WFLW.part('left_eye').indices, WFLW.part('right_eye').indices, (54,), (76,), (82,)),
    ('cofw', 'wider_face'): (COFW.part('left_eye').indices, COFW.part('right_eye').indices, (20,), (22,), (23,)),
    ('aflw', 'wider_face'): ((7,), (10,), (13,), (15,), (17,)),
    # WFLW has all of COFW's; the inner end of a brow lies between two of its landmarks.
    ('wflw', 'cofw'): (
        *((33,), (46,), (37, 38), (42, 50), (35,), (40,), (44,), (48,)),
        *((60,), (72,), (64,), (68,), (62,), (66,), (70,), (74,), (96,), (97,)),
        *((55,), (59,), (54,), (57,), (76,), (82,), (79,), (90,), (94,), (85,), (16,)),
    ),
}


def derived_landmarks(landmarks: NDArray[np.floating], source: str, target: str) -> NDArray[np.float64]:
    """Landmarks of the protocol ``target`` derived from those of a denser one: (L, 2) -> (M, 2).

    Args:
        landmarks: (L, 2).
        source: their protocol's name; if it is ``target``, they stay as they are.
        target: the name of the other protocol.

    Raises:
        ValueError: it is not known how; lists what is.
    """
    points = np.array(landmarks, np.float64)
    if source == target:
        return points
    if (source, target) not in _DERIVED:
        known = ', '.join(f'{first} to {second}' for first, second in _DERIVED)
        raise ValueError(f'derived_landmarks(source=, target=) knows {known}. Got {source!r} to {target!r}.')
    return np.array([points[list(indices)].mean(axis=0) for indices in _DERIVED[source, target]])
