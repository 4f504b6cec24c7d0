"""The prediction that looks at no pixel: the mean training face, placed into the face box."""

import numpy as np
from mmengine.dataset import BaseDataset
from numpy.typing import NDArray

from mmsepbn.datasets.transforms.affine import square_box
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.evaluation.per_face import FaceResult
from mmsepbn.protocols import get_protocol


def mean_face(landmarks: NDArray[np.floating], boxes: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean landmarks in units of the squared box, 0 to 1: (N, L, 2), (N, 4) as x1, y1, x2, y2 -> (L, 2)."""
    squares = np.array([square_box(box) for box in boxes])
    sides = (squares[:, 2] - squares[:, 0])[:, None, None]
    return ((landmarks - squares[:, None, :2]) / sides).mean(axis=0)


def place_face(shape: NDArray[np.floating], boxes: NDArray[np.floating]) -> NDArray[np.float64]:
    """A shape (L, 2) in box units placed into each box: (N, 4) -> (N, L, 2) in image pixels."""
    squares = np.array([square_box(box) for box in boxes])
    sides = (squares[:, 2] - squares[:, 0])[:, None, None]
    return shape * sides + squares[:, None, :2]


def mean_face_results(train_set: BaseDataset, test_set: BaseDataset) -> list[FaceResult]:
    """Errors on ``test_set`` of the mean face of ``train_set``."""
    train_landmarks, train_boxes = _arrays(train_set)
    landmarks, boxes = _arrays(test_set)
    infos = [test_set.get_data_info(index) for index in range(len(test_set))]
    normalizers = get_protocol(infos[0]['protocol']).normalizers(landmarks, boxes)
    predicted = place_face(mean_face(train_landmarks, train_boxes), boxes)
    errors = normalized_mean_error(predicted, landmarks, normalizers)
    return [
        FaceResult(
            dataset=info['dataset_name'],
            protocol=info['protocol'],
            face_id=info['id'],
            image=info['img_path'],
            subsets=info['subsets'],
            normalizer=float(length),
            nme=float(error),
        )
        for info, length, error in zip(infos, normalizers, errors, strict=True)
    ]


def _arrays(dataset: BaseDataset) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    landmarks = np.concatenate([info['keypoints'] for info in infos]).astype(np.float64)
    return landmarks, np.concatenate([info['bbox'] for info in infos]).astype(np.float64)
