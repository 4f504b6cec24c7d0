"""The error of one face (paper Sec. V, Eq. 8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.set_name import check_set_name
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.evaluation.metric_names import ORACLE
from mmsepbn.protocols import Protocol


@dataclass(frozen=True)
class FaceResult:
    """Error of one face. ``nme`` is a fraction of ``normalizer``, which is in image pixels."""

    dataset: str
    protocol: str
    face_id: int
    image: str
    subsets: tuple[str, ...]
    normalizer: float
    nme: float


def face_result(
    info: Mapping[str, Any],
    protocol: Protocol,
    predicted: NDArray[np.floating],
    landmarks: NDArray[np.floating],
    annotated: NDArray[np.floating],
    box: NDArray[np.floating],
) -> FaceResult:
    """Compare a prediction (L, 2) with the annotated landmarks of a face, in pixels of its image.

    Args:
        info: meta keys of the face: ``dataset_name``, ``id``, ``img_path``, and ``subsets`` and ``oracle`` if it has
            them.
        protocol: its mark-up, which says how errors are normalized.
        predicted: (L, 2).
        landmarks: (L, 2).
        annotated: (L,), positive where a landmark counts.
        box: (4,) x1, y1, x2, y2 of the data set.

    Raises:
        ValueError: the face has no normalizer, the prediction is not finite, or the name of its set or of a subset
            cannot name a row; names the face.
    """
    face = face_name(info)
    if problem := protocol.normalizer_problem(landmarks, annotated, box):
        raise ValueError(f'{face}: {problem}')
    normalizer = protocol.normalizers(landmarks[None], box[None])
    error = normalized_mean_error(predicted[None], landmarks[None], normalizer, annotated[None])
    if not np.isfinite(error[0]):
        raise ValueError(f'{face}: the predicted landmarks must be finite.')
    return FaceResult(
        dataset=check_set_name(info['dataset_name'], 'dataset_name') + (ORACLE if info.get('oracle') else ''),
        protocol=protocol.name,
        face_id=int(info['id']),
        image=info['img_path'],
        subsets=tuple(check_set_name(name, f'{face}: a subset') for name in info.get('subsets', ())),
        normalizer=float(normalizer[0]),
        nme=float(error[0]),
    )


def face_name(info: Mapping[str, Any]) -> str:
    """What messages call a face, by its meta keys ``dataset_name``, ``id`` and ``img_path``."""
    return f'{info["dataset_name"]}, face {info["id"]}, {info["img_path"]}'
