"""A baseline that uses no pixels: the mean training face, placed into the face box."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.boxes import square_box
from mmsepbn.datasets.walk import face_datasets
from mmsepbn.evaluation.face_result import FaceResult, face_result
from mmsepbn.protocols import get_protocol


def mean_face(
    landmarks: NDArray[np.floating], boxes: NDArray[np.floating], annotated: NDArray[np.floating] | None = None
) -> NDArray[np.float64]:
    """Mean landmarks in units of the squared box, 0 to 1: (N, L, 2), (N, 4) as x1, y1, x2, y2 -> (L, 2).

    Each landmark is averaged over the faces with a positive entry in ``annotated`` (N, L), None: all. A landmark that
    no face has is NaN.
    """
    counts = np.ones(landmarks.shape[:2], bool) if annotated is None else np.asarray(annotated) > 0
    origins, sides = _squares(boxes)
    total = np.where(counts[..., None], (landmarks - origins) / sides, 0).sum(axis=0)
    with np.errstate(invalid='ignore'):
        return total / counts.sum(axis=0)[:, None]


def place_face(shape: NDArray[np.floating], boxes: NDArray[np.floating]) -> NDArray[np.float64]:
    """A shape (L, 2) in box units placed into each box: (N, 4) -> (N, L, 2) in image pixels."""
    origins, sides = _squares(boxes)
    return shape * sides + origins


def mean_face_results(train_set: Any, test_set: Any) -> list[FaceResult]:
    """Errors on ``test_set`` of the mean face of ``train_set``, in the order of the test set.

    Each test set is compared with the training set of its name, or with all of its protocol where none has the name.
    Sets may be wrapped, see :func:`face_datasets`.

    Raises:
        ValueError: there are no faces; a test face has no normalizer, or landmarks that no training face has.
    """
    train, test = _faces(train_set), _faces(test_set)
    results: dict[int, FaceResult] = {}
    for name, protocol in dict.fromkeys((info['dataset_name'], info['protocol']) for info in test):
        places = [i for i, info in enumerate(test) if (info['dataset_name'], info['protocol']) == (name, protocol)]
        alike = [info for info in train if info['protocol'] == protocol]
        same = [info for info in alike if info['dataset_name'] == name] or alike
        if not same:
            raise ValueError(f'The test set {name} has no mean face: there are no training faces of {protocol}.')
        results |= zip(places, _results(_arrays(same), [test[i] for i in places]), strict=True)
    return [results[place] for place in range(len(test))]


@dataclass(frozen=True)
class _Arrays:
    """N faces: (N, L, 2), (N, 4), (N, L)."""

    landmarks: NDArray[np.float64]
    boxes: NDArray[np.float64]
    annotated: NDArray[np.floating]


def _results(train: _Arrays, infos: Sequence[dict[str, Any]]) -> list[FaceResult]:
    """Errors of faces of one protocol."""
    protocol, test = get_protocol(infos[0]['protocol']), _arrays(infos)
    shape = mean_face(train.landmarks, train.boxes, train.annotated)
    unknown = np.isnan(shape).any(axis=1) & (test.annotated > 0).any(axis=0)
    if unknown.any():
        raise ValueError(
            f'The mean face of {protocol.name} lacks landmarks {np.flatnonzero(unknown).tolist()}: no training face '
            'has them, test faces do.'
        )
    placed = place_face(shape, test.boxes)
    faces = zip(infos, placed, test.landmarks, test.annotated, test.boxes, strict=True)
    return [face_result(info, protocol, *arrays) for info, *arrays in faces]


def _squares(boxes: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Upper left corners (N, 1, 2) and sides (N, 1, 1) of the squared boxes."""
    squares = square_box(boxes)
    return squares[:, None, :2], (squares[:, 2] - squares[:, 0])[:, None, None]


def _faces(dataset: Any) -> list[dict[str, Any]]:
    infos = [own.get_data_info(index) for own in face_datasets(dataset) for index in range(len(own))]
    if not infos:
        raise ValueError(f'The mean face needs data sets of mmsepbn. Got {type(dataset).__name__}.')
    return infos


def _arrays(infos: Sequence[dict[str, Any]]) -> _Arrays:
    return _Arrays(
        landmarks=np.concatenate([info['keypoints'] for info in infos]).astype(np.float64),
        boxes=np.concatenate([info['bbox'] for info in infos]).astype(np.float64),
        annotated=np.concatenate([info['keypoints_visible'] for info in infos]),
    )
