"""NME, failure rate and AUC of every data set and subset, from one pass."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.evaluation.per_face import FaceResult, summarize, write_csv
from mmsepbn.evaluation.results_table import results_table
from mmsepbn.protocols import get_protocol
from mmsepbn.registry import METRICS


@METRICS.register_module()
class FaceLandmarkMetric(BaseMetric):
    """The paper's metrics (Sec. V, Eq. 8) for each data set in the test set, whole and by subset.

    NME and failure rate in percent, AUC as a fraction; keys ``wflw/NME``, ``wflw/pose/FR@0.10``, ... Each face is
    normalized as its protocol says, its error is the mean over its annotated landmarks, and rows are means over faces
    (MMPose's NME pools landmarks of all faces, which differs once some are missing). Rows of predictions that were
    chosen by the ground truth begin with ``aflw (oracle)``.

    Args:
        threshold: a face fails above this error, and the AUC ends there; a fraction.
        per_face: path of a CSV for the results of every face; None: not written.
        collect_device, prefix: as in MMEngine's BaseMetric.

    Raises:
        ValueError: a face's normalizer is zero or not annotated; the message names the face.
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
        self.threshold, self.per_face = threshold, per_face

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Store one FaceResult for each face of the batch."""
        self.results.extend(_face_result(sample) for sample in data_samples)

    def compute_metrics(self, results: list[FaceResult]) -> dict[str, float]:
        """All rows; printed as a table too."""
        if self.per_face is not None:
            write_csv(self.per_face, results)
        rows = summarize(results, self.threshold)
        MMLogger.get_current_instance().info('\n' + results_table(rows))
        return rows


def _face_result(sample: dict[str, Any]) -> FaceResult:
    truth, predicted = sample['gt_instances'], sample['pred_instances']
    landmarks, annotated = np.asarray(truth['keypoints'], np.float64), np.asarray(truth['keypoints_visible'])
    protocol = get_protocol(sample['protocol'])
    normalizer = protocol.normalizers(landmarks, np.asarray(truth['bboxes']))
    face = f'{sample["dataset_name"]}, face {sample["id"]}, {sample["img_path"]}'
    corners = protocol.eye_corners if protocol.normalizer == 'eye_corners' else None
    if corners and not annotated[0, list(corners)].all():
        raise ValueError(f'{face}: the eye corners {corners} must be annotated, their distance is the normalizer.')
    if not normalizer[0] > 0:
        raise ValueError(f'{face}: the normalizer must be positive. Got {normalizer[0]}.')
    if len(predicted['keypoints']) != 1:
        raise ValueError(f'{face}: expected one prediction. Got {len(predicted["keypoints"])}.')
    error = normalized_mean_error(predicted['keypoints'], landmarks, normalizer, annotated)
    return FaceResult(
        dataset=sample['dataset_name'] + (' (oracle)' if sample.get('oracle') else ''),
        protocol=sample['protocol'],
        face_id=int(sample['id']),
        image=sample['img_path'],
        subsets=tuple(sample['subsets']),
        normalizer=float(normalizer[0]),
        nme=float(error[0]),
    )
