"""Any detector of MMDetection, such as MMPose's for faces. It needs MMCV with its compiled operators."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.detectors.detector import Found

_LEAST_SCORE = 0.3


def mmdet_search(config: str, weights: str) -> Callable[[NDArray[np.uint8], float], Found]:
    """The search of a SearchingDetector, with scores; faces are the first class of the detector.

    Raises:
        ImportError: MMDetection, or MMCV's operators, are not installed.
    """
    try:
        import mmcv.ops  # noqa: F401 - mmcv-lite lacks it
        from mmdet.apis import inference_detector, init_detector
    except ImportError as error:
        raise ImportError(
            '--faces mmdet:CONFIG:WEIGHTS needs mmdet and the full mmcv, which has operators (mim install mmcv mmdet; '
            f'mmcv-lite has none). Got: {error}.'
        ) from None
    network = init_detector(config, weights, device='cpu')
    return lambda image, smallest: faces_of(inference_detector(network, image).pred_instances)


def faces_of(instances: Any) -> Found:
    """Of MMDetection's instances, with ``bboxes`` (N, 4), ``scores`` and ``labels`` (N,)."""
    boxes, scores, labels = (np.asarray(instances[name].cpu()) for name in ('bboxes', 'scores', 'labels'))
    faces = (labels == 0) & (scores >= _LEAST_SCORE)
    return Found(boxes[faces].astype(np.float64).reshape(-1, 4), scores[faces].astype(np.float64))
