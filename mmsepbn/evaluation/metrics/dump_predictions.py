"""Writing of predicted landmarks during a test."""

from collections.abc import Sequence
from typing import Any

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from mmsepbn.evaluation.predictions import FacePrediction, face_prediction, write_predictions
from mmsepbn.registry import METRICS


@METRICS.register_module()
class DumpPredictions(BaseMetric):
    """Write the predicted and true landmarks of every face, see :func:`write_predictions`; computes no metric.

    MMEngine's DumpResults pickles whole samples, and loading a pickle can execute code.

    Args:
        path: the file, which ends in ``.npz``.
        collect_device: as in MMEngine's BaseMetric.
    """

    default_prefix = ''

    def __init__(self, path: str, collect_device: str = 'cpu') -> None:
        super().__init__(collect_device=collect_device)
        if not str(path).endswith('.npz'):
            raise ValueError(f"DumpPredictions(path=) must end in '.npz'. Got {path!r}.")
        self.path = path

    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        """Keep the landmarks of the batch."""
        self.results.extend(face_prediction(sample) for sample in data_samples)

    def compute_metrics(self, results: list[FacePrediction]) -> dict[str, float]:
        """Write the file; there are no metrics."""
        write_predictions(self.path, results)
        print_log(f'Predictions of {len(results)} faces: {self.path}', 'current')
        return {}
