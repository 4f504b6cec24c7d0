"""Metrics of networks that are tested on faces of other protocols than their own, which configs name by their place."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mmsepbn.evaluation import FaceLandmarkMetric
from mmsepbn.protocols import PROTOCOLS, Protocol, derived_landmarks, register_protocol

# WIDER FACE's landmarks, measured by the distance of the eye centres: the boxes of sets differ.
FIVE_POINTS = Protocol(
    name='five_points', num_landmarks=5, flip_pairs=((0, 1), (3, 4)), normalizer='eye_corners', eye_corners=(0, 1)
)
_BY_COUNT = {protocol.num_landmarks: protocol.name for protocol in PROTOCOLS.values()}


class OwnProtocolMetric(FaceLandmarkMetric):
    """FaceLandmarkMetric of the faces that were predicted in their own protocol; other sets have no rows."""

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Keep the faces whose prediction has as many landmarks as their annotation."""
        super().process(data_batch, [sample for sample in data_samples if _predicted(sample) == _annotated(sample)])


class FivePointMetric(FaceLandmarkMetric):
    """FaceLandmarkMetric on five landmarks that are read off every protocol, so for any network on any set.

    Rows are ``five_points/300w/NME`` and so on, in percent of the distance between the eye centres.
    """

    default_prefix = 'five_points'

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        register_protocol(FIVE_POINTS)

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Reduce annotation and prediction, each by its number of landmarks."""
        super().process(data_batch, [_reduced(sample) for sample in data_samples])


def _predicted(sample: dict[str, Any]) -> str:
    return _BY_COUNT[sample['pred_instances']['keypoints'].shape[1]]


def _annotated(sample: dict[str, Any]) -> str:
    return _BY_COUNT[sample['gt_instances']['keypoints'].shape[1]]


def _reduced(sample: dict[str, Any]) -> dict[str, Any]:
    truth = sample['gt_instances']
    if not np.all(np.asarray(truth['keypoints_visible']) > 0):
        raise ValueError(f'FivePointMetric needs faces whose landmarks are all annotated. Got {sample["img_path"]}.')
    landmarks = derived_landmarks(truth['keypoints'][0], _annotated(sample), 'wider_face')
    predicted = derived_landmarks(sample['pred_instances']['keypoints'][0], _predicted(sample), 'wider_face')
    return {
        **sample,
        'protocol': FIVE_POINTS.name,
        'subsets': (),
        'gt_instances': {
            **truth,
            'keypoints': landmarks[None],
            'keypoints_visible': np.ones((1, 5)),
        },
        'pred_instances': dict(keypoints=predicted[None]),
    }
