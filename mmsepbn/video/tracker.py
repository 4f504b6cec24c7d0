"""Track faces from frame to frame: the next box comes from the last landmarks. No images, only coordinates.

Boxes are squares x1, y1, x2, y2 in image pixels, of the kind that the network was trained with.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from mmsepbn.boxes import Boxes, centres, overlaps
from mmsepbn.fitted.box_map import BoxMap

_SAME = 0.3  # IoU of a found box and that of the face it is
_ONE_FACE = 0.7  # IoU above which two tracks look at one face
_STEADY = 0.6  # IoU of a face's boxes in consecutive frames, and of what is followed with what is found
_GROWN = 1.3  # factor on the side since it was found, either way, from which a box may have run away
_RUN_AWAY = 2.0  # and from which it has
_MOST_SEEN = 10  # found boxes that the mean of a face's relation reaches back
# A face is lost when the detector misses it so many times in a row, or more often than it has found it, because most
# false detections do not repeat; a doubted face is lost at once.
_PATIENCE = 10
_MEMORY = 30  # frames during which a lost face found again near its place keeps its number


@dataclass(frozen=True)
class Track:
    """A tracked face.

    Attributes:
        number: its identity, from 0.
        box: (4,) its crop: in this frame before :meth:`Tracker.update`, in the next frame after it.
        relation: from the square around its landmarks to its box, the mean over the boxes detected for it.
        seen: number of boxes detected for it, at most 10.
        missed: how many times in a row the detector has missed it.
        found: (4,) the last detected box.
        fresh: whether that was in this frame.
        score: the detector's score of that box; None without scores.
        doubted: whether its place no longer looks like the previous frame.
    """

    number: int
    box: NDArray[np.float64]
    found: NDArray[np.float64]
    fresh: bool = True
    relation: BoxMap = field(default_factory=BoxMap)
    seen: int = 0
    missed: int = 0
    score: float | None = None
    doubted: bool = False


class Tracker:
    """Keeps the identities of faces.

    In each frame: pass the places that have changed to :meth:`doubt`; if :attr:`wants_boxes` is true, detect boxes and
    pass them to :meth:`confirm`; predict landmarks in the boxes of :attr:`tracks` and pass them to :meth:`update`.

    Args:
        every: run the detector every so many frames.
        max_faces: how many are tracked at once; another face is tracked when one of them is lost. None: all.

    Attributes:
        tracks: the tracked faces.
    """

    def __init__(self, every: int = 10, max_faces: int | None = None) -> None:
        if every < 1:
            raise ValueError(f'predict_video(detect_every=) must be at least 1. Got {every}.')
        self.tracks: list[Track] = []
        self._every, self._max_faces = every, max_faces
        self._lost: list[tuple[int, Track]] = []
        self._numbers = count()
        self._frame, self._sought = 0, -every
        self._doubt = False

    @property
    def wants_boxes(self) -> bool:
        """Whether to run the detector in this frame: it is due, or a face is lost, or may be."""
        return self._doubt or self._frame - self._sought >= self._every

    def doubt(self, changed: Sequence[bool]) -> None:
        """Set for each of :attr:`tracks` whether its box no longer looks like the previous frame."""
        self.tracks = [replace(track, doubted=flag) for track, flag in zip(self.tracks, changed, strict=True)]
        self._doubt |= any(changed)

    def confirm(self, found: Boxes, scores: NDArray[np.floating] | None = None) -> None:
        """Set the boxes (N, 4) detected in this frame, the largest first, and scores (N,).

        They are of tracked, lost or new faces.
        """
        self._sought, self._doubt = self._frame, False
        own = _assigned([track.box for track in self.tracks], found)
        told = [None] * len(found) if scores is None else np.asarray(scores, np.float64).tolist()
        tracks = [_confirmed(track, found, told, own.get(place)) for place, track in enumerate(self.tracks)]
        aside = any(_overlap(self.tracks[place].box, found[other]) < _STEADY for place, other in own.items())
        self._keep([place for place, track in enumerate(tracks) if _trusted(track)], tracks)
        self._doubt |= aside or any(track.missed for track in self.tracks)
        others = [place for place in range(len(found)) if place not in own.values()]
        others = others[: None if self._max_faces is None else self._max_faces - len(self.tracks)]
        self._begin(found[others], [told[place] for place in others])

    def update(self, landmarks: Sequence[NDArray[np.floating]], size: tuple[int, int]) -> list[int]:
        """Set the landmarks predicted in the boxes of :attr:`tracks`, and move the boxes to them.

        Faces are lost whose centre has left the image, or whose box is twice as large or small as it was found; and of
        two that have come to look at one face the one that was found less.

        Args:
            landmarks: (L, 2) of each track.
            size: width and height of the image in pixels.

        Returns:
            indices, among ``landmarks``, of the faces that are still tracked: those of :attr:`tracks`, in its order.
        """
        moved = [_moved(track, points) for track, points in zip(self.tracks, landmarks, strict=True)]
        places = [place for place in _without_duplicates(moved) if _may_be_a_face(moved[place], size)]
        for place in places:
            jumped = _overlap(moved[place].box, self.tracks[place].box) < _STEADY
            self._doubt |= jumped or _growth(moved[place]) > _GROWN
        self._keep(places, moved)
        self.tracks = [replace(track, fresh=False, doubted=False) for track in self.tracks]
        self._frame += 1
        return places

    def _begin(self, found: Boxes, scores: Sequence[float | None]) -> None:
        """Track new faces, and lost ones that are back within twice their box."""
        self._lost = [(frame, track) for frame, track in self._lost if self._frame - frame <= _MEMORY]
        back = _assigned([BoxMap(scale=2.0)(track.box) for _, track in self._lost], found, least=0.0)
        numbers = {place: self._lost[lost][1].number for lost, place in back.items()}
        self._lost = [lost for place, lost in enumerate(self._lost) if place not in back]
        for place, (box, score) in enumerate(zip(found, scores, strict=True)):
            number = numbers[place] if place in numbers else next(self._numbers)
            self.tracks.append(Track(number, box, box, score=score))

    def _keep(self, places: Sequence[int], tracks: Sequence[Track]) -> None:
        """Keep some of the tracks; the others are lost."""
        gone = [(self._frame, track) for place, track in enumerate(tracks) if place not in places]
        self._lost += gone
        self._doubt |= bool(gone)
        self.tracks = [tracks[place] for place in places]


def relation_of(landmarks: NDArray[np.floating], box: NDArray[np.floating]) -> BoxMap:
    """The map from the square that landmarks (L, 2) fill to a square box (4,)."""
    filled, wanted = _filled(landmarks), np.asarray(box, np.float64)
    side = filled[2] - filled[0]
    shift_x, shift_y = (centres(wanted) - centres(filled)) / side
    return BoxMap(float(shift_x), float(shift_y), float((wanted[2] - wanted[0]) / side))


def _confirmed(track: Track, found: Boxes, scores: Sequence[float | None], place: int | None) -> Track:
    """The track with its box half way to the detected one, so that it neither drifts nor jumps."""
    if place is None:
        return replace(track, missed=track.missed + 1)
    box = (track.box + found[place]) / 2
    return replace(track, box=box, found=found[place], fresh=True, missed=0, score=scores[place])


def _trusted(track: Track) -> bool:
    return track.missed <= (0 if track.doubted else min(track.seen, _PATIENCE - 1))


def _moved(track: Track, landmarks: NDArray[np.floating]) -> Track:
    """The track with the box given by its landmarks."""
    relation, seen = track.relation, track.seen
    if track.fresh:
        seen = min(seen + 1, _MOST_SEEN)
        now = relation_of(landmarks, track.found)
        relation = BoxMap(*(old + (new - old) / seen for old, new in zip(astuple(relation), astuple(now), strict=True)))
    return replace(track, box=relation(_filled(landmarks)), relation=relation, seen=seen)


def _assigned(own: Sequence[NDArray[np.float64]], found: Boxes, least: float = _SAME) -> dict[int, int]:
    """Places of the found boxes that belong to ``own``, by the places of these; what overlaps most goes first."""
    overlap = overlaps(np.array(own).reshape(-1, 4), found)
    pairs: dict[int, int] = {}
    for flat in np.argsort(-overlap, axis=None, kind='stable').tolist():
        row, column = divmod(flat, len(found))
        if overlap[row, column] > least and row not in pairs and column not in pairs.values():
            pairs[row] = column
    return pairs


def _without_duplicates(tracks: Sequence[Track]) -> list[int]:
    """Places of the tracks less those that look at the face of one that was found more often."""
    kept: list[int] = []
    for place in sorted(range(len(tracks)), key=lambda place: (tracks[place].missed, -tracks[place].seen, place)):
        if not any(_same_face(tracks[place], tracks[other]) for other in kept):
            kept.append(place)
    return sorted(kept)


def _same_face(first: Track, second: Track) -> bool:
    """Whether two tracks look at one face, as far as not both were found in this frame."""
    return not (first.fresh and second.fresh) and _overlap(first.box, second.box) > _ONE_FACE


def _filled(landmarks: NDArray[np.floating]) -> NDArray[np.float64]:
    """The square about the mean of landmarks whose side is four times their spread: single ones move it little."""
    points = np.asarray(landmarks, np.float64)
    half = max(2 * float(np.sqrt(points.var(axis=0).mean())), 0.5)  # not nothing where all are at one place
    middle = points.mean(axis=0)
    return np.concatenate((middle - half, middle + half))


def _overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(overlaps(first[None], second[None])[0, 0])


def _growth(track: Track) -> float:
    """Factor between the sides of the box and of the one that was found last, 1 or more."""
    factor = float((track.box[2] - track.box[0]) / (track.found[2] - track.found[0]))
    return max(factor, 1 / factor)


def _may_be_a_face(track: Track, size: tuple[int, int]) -> bool:
    """Whether the box is still in the image and of a likely size."""
    centre = centres(track.box)
    return bool((centre >= 0).all() and (centre <= size).all()) and _growth(track) < _RUN_AWAY
