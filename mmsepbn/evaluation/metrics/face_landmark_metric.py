"""NME, failure rate and AUC of every data set and subset, from one pass."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger, print_log

from mmsepbn.evaluation.face_result import FaceResult, face_name, face_result
from mmsepbn.evaluation.per_face import summarize, write_csv
from mmsepbn.evaluation.results_table import results_table
from mmsepbn.protocols import Protocol, get_protocol, is_known
from mmsepbn.registry import METRICS


@METRICS.register_module()
class FaceLandmarkMetric(BaseMetric):
    """The paper's metrics (Sec. V, Eq. 8) for each data set in the test set and for its subsets.

    NME and failure rate in percent, AUC as a fraction; keys ``wflw/NME``, ``wflw/pose/FR_0.10``, ... Each face is
    normalized as its protocol says, its error is the mean over its annotated landmarks, and rows are means over faces
    (MMPose's NME pools the landmarks of all faces, which differs if some are missing). Rows of predictions chosen by
    the ground truth begin with ``aflw_oracle``.

    Samples come from PackFaceInputs. If MMPose's PackPoseInputs packed them, the protocol is taken from the data set's
    name, which must be that of a protocol, and there are no rows of subsets.

    Args:
        threshold: a face fails above this error, and the AUC ends there; a fraction above 0.
        per_face: path of a CSV for the results of every face; None: not written.
        collect_device: as in MMEngine's BaseMetric.
        prefix: as in MMEngine's BaseMetric.

    Raises:
        ValueError: samples lack what is needed; a face's normalizer is zero or not annotated, or its prediction not
            finite; the message names the face.
    """

    default_prefix = ''  # the data set's name is the prefix

    def __init__(
        self,
        threshold: float = 0.1,
        per_face: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if not 0 < threshold < np.inf:
            raise ValueError(f'FaceLandmarkMetric(threshold=) must be a fraction above 0. Got {threshold}.')
        self.threshold, self.per_face = threshold, per_face
        self._warned = False

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Store one FaceResult for each face of the batch."""
        if not self._warned and any('subsets' not in sample for sample in data_samples):
            self._warned = True
            print_log('No rows of subsets: samples lack theirs; mmsepbn.PackFaceInputs packs them.', 'current')
        self.results.extend(_result(sample) for sample in data_samples)

    def compute_metrics(self, results: list[FaceResult]) -> dict[str, float]:
        """All rows; printed as a table too."""
        if self.per_face is not None:
            write_csv(self.per_face, results)
        rows = summarize(results, self.threshold)
        MMLogger.get_current_instance().info('\n' + results_table(rows))
        return rows


def _protocol(sample: dict[str, Any]) -> Protocol:
    missing = {'id', 'img_path', 'dataset_name', 'protocol', 'gt_instances'} - set(sample)
    if missing == {'protocol'} and is_known(sample['dataset_name']):
        return get_protocol(sample['dataset_name'])
    if missing:
        raise ValueError(
            'FaceLandmarkMetric needs samples that mmsepbn.PackFaceInputs packs, the last transform of a pipeline. '
            f'These lack {sorted(missing)}.'
        )
    return get_protocol(sample['protocol'])


def _result(sample: dict[str, Any]) -> FaceResult:
    protocol = _protocol(sample)
    truth, predicted = sample['gt_instances'], sample['pred_instances']
    landmarks, annotated = np.asarray(truth['keypoints'], np.float64), np.asarray(truth['keypoints_visible'])
    face = face_name(sample)
    if landmarks.shape != (1, protocol.num_landmarks, 2):
        raise ValueError(f'{face}: {protocol.name} has {protocol.num_landmarks} landmarks. Got {landmarks.shape}.')
    if len(predicted['keypoints']) != 1:
        raise ValueError(f'{face}: expected one prediction. Got {len(predicted["keypoints"])}.')
    box = np.asarray(truth['bboxes'])[0]
    return face_result(sample, protocol, predicted['keypoints'][0], landmarks[0], annotated[0], box)
