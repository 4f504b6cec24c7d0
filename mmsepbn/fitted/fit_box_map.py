"""Fitting a detector's boxes to those of a data set. All boxes are x1, y1, x2, y2 in image pixels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.boxes import Boxes, centres, overlaps
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.user_error import UserError

_SAME_FACE = 0.4  # IoU of two boxes of one kind
_PERHAPS = 0.1  # IoU of two boxes of one face, whatever their kinds
_ROUNDS = 3


class NotFoundError(UserError):
    """A detector finds none of the faces."""


@dataclass(frozen=True)
class BoxErrors:
    """How far N boxes are from those of the data set: medians, and 90th percentiles.

    Attributes:
        shift, shift_90: distance of the centres, as a fraction of the data set's side.
        side, side_90: factor between the sides, 1 where they are the same; of x and 1 / x the larger.
        iou: mean intersection over union.
    """

    shift: float
    shift_90: float
    side: float
    side_90: float
    iou: float


def matched(found: Sequence[Boxes], wanted: Boxes, box_map: BoxMap, least: float = _SAME_FACE) -> NDArray[np.intp]:
    """Which detected box of each image is the wanted face's, once mapped; -1 if none. All are squares.

    Args:
        found: (N_i, 4) of each of F faces' images.
        wanted: (F, 4).
        box_map: what is applied to the found ones first.
        least: IoU of one face's boxes.
    """
    each = [overlaps(box_map(boxes), face[None])[:, 0] for boxes, face in zip(found, wanted, strict=True)]
    return np.array([overlap.argmax() if overlap.max(initial=-1) >= least else -1 for overlap in each], np.intp)


def fit_boxes(found: Sequence[Boxes], wanted: Boxes) -> tuple[BoxMap, NDArray[np.intp]]:
    """The map from a detector's boxes to the data set's, and which detected box is each face's; -1 if none.

    Medians over faces, so a third of wrong pairs has little influence. Faces are matched again with the map applied,
    since boxes of two kinds may overlap less than those of neighbours.

    Args:
        found: (N_i, 4) of each of F faces' images, squares.
        wanted: (F, 4) boxes of the data set, squares.

    Raises:
        NotFoundError: no face was found.
    """
    box_map, least = BoxMap(), _PERHAPS
    for _ in range(_ROUNDS):
        places = matched(found, wanted, box_map, least)
        pairs = paired(found, places)
        if not len(pairs):
            raise NotFoundError(f'No box of the detector overlaps any of the {len(wanted)} faces of the data set.')
        box_map, least = _median_map(pairs, wanted[places >= 0]), _SAME_FACE
    return box_map, matched(found, wanted, box_map)


def paired(found: Sequence[Boxes], places: NDArray[np.intp]) -> Boxes:
    """The found boxes (M, 4) of the M faces that have one, see :func:`matched`."""
    pairs = [boxes[place] for boxes, place in zip(found, places, strict=True) if place >= 0]
    return np.array(pairs, np.float64).reshape(-1, 4)


def box_errors(boxes: Boxes, wanted: Boxes) -> BoxErrors:
    """How far squares (M, 4) are from those of the data set (M, 4)."""
    side = wanted[:, 2] - wanted[:, 0]
    shifts = np.linalg.norm(centres(boxes) - centres(wanted), axis=1) / side
    factors = np.exp(np.abs(np.log((boxes[:, 2] - boxes[:, 0]) / side)))
    ious = [float(overlaps(box[None], face[None])[0, 0]) for box, face in zip(boxes, wanted, strict=True)]
    middle, most = ([float(np.quantile(values, part)) for values in (shifts, factors)] for part in (0.5, 0.9))
    return BoxErrors(middle[0], most[0], middle[1], most[1], float(np.mean(ious)))


def _median_map(pairs: Boxes, wanted: Boxes) -> BoxMap:
    side = pairs[:, 2] - pairs[:, 0]
    shift_x, shift_y = np.median((centres(wanted) - centres(pairs)) / side[:, None], axis=0)
    return BoxMap(float(shift_x), float(shift_y), float(np.median((wanted[:, 2] - wanted[:, 0]) / side)))
