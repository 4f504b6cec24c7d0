"""Training with known sub-domains, and testing with an oracle."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmpose.models.pose_estimators import TopdownPoseEstimator
from mmpose.utils.typing import SampleList
from torch import Tensor

from mmsepbn.datasets.pose_domain import DOMAINS
from mmsepbn.models.norms.brute_force_sepbn import BruteForceSepBN
from mmsepbn.registry import MODELS


@MODELS.register_module()
class DomainRoutedEstimator(TopdownPoseEstimator):
    """A top-down estimator for networks with :class:`BruteForceSepBN` (paper Sec. III-A).

    In training each face goes through the branch of its sub-domain, which its meta key ``domain`` names. In testing
    the sub-domain counts as unknown: each face goes through every branch, and the prediction nearest to the *ground
    truth* is kept. That is an oracle, a bound rather than a method; its rows are labelled accordingly (meta key
    ``oracle``).

    Args:
        domains: names of the sub-domains in the order of the branches.

    Raises:
        ValueError: ``flip_test`` in the test settings; in use, a face without a known sub-domain, which is named.
    """

    def __init__(self, *args: Any, domains: Sequence[str] = DOMAINS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domains = tuple(domains)
        if self.test_cfg.get('flip_test'):
            raise ValueError(
                'DomainRoutedEstimator(test_cfg=) must not set flip_test: a mirrored face is of another sub-domain. '
                f'Got {dict(self.test_cfg)}.'
            )

    def loss(self, inputs: Tensor, data_samples: SampleList) -> dict[str, Tensor]:
        """Losses of a batch whose faces go through their own branches."""
        self._route(self._domains_of(data_samples))
        return super().loss(inputs, data_samples)

    def predict(self, inputs: Tensor, data_samples: SampleList) -> SampleList:
        """Of the predictions by all branches the best for each face, measured against its ground truth."""
        predictions = []
        for domain in range(len(self.domains)):
            self._route(torch.full((len(inputs),), domain))
            super().predict(inputs, data_samples)
            predictions.append([(_error(sample), sample.pred_instances) for sample in data_samples])
        for sample, choices in zip(data_samples, zip(*predictions, strict=True), strict=True):
            sample.pred_instances = min(choices, key=lambda choice: choice[0])[1]
            sample.set_metainfo(dict(oracle=True))
        return data_samples

    def _forward(self, inputs: Tensor, data_samples: SampleList | None = None) -> Any:
        """Raw output of the network by its first branches, as for counting its operations."""
        self._route(torch.zeros(len(inputs), dtype=torch.long))
        return super()._forward(inputs, data_samples)

    def _route(self, domains: Tensor) -> None:
        """State the sub-domain of each sample of the next batch, (N,) long on the CPU."""
        for module in self.modules():
            if isinstance(module, BruteForceSepBN):
                module.domains = domains

    def _domains_of(self, samples: SampleList) -> Tensor:
        names = [sample.get('domain') for sample in samples]  # metainfo would copy all of it
        for name, sample in zip(names, samples, strict=True):
            if name not in self.domains:
                raise ValueError(
                    f'DomainRoutedEstimator(domains={self.domains}) needs the domain of every face. '
                    f'Got {name!r} for {sample.get("dataset_name")}, {sample.get("img_path")}.'
                )
        return torch.tensor([self.domains.index(name) for name in names])


def _error(sample: Any) -> float:
    """Mean distance of the annotated landmarks in image pixels; infinite where it is no number."""
    truth, predicted = sample.gt_instances, np.asarray(sample.pred_instances.keypoints, np.float64)
    annotated = np.asarray(truth.keypoints_visible) > 0
    distances = np.where(annotated, np.linalg.norm(predicted - truth.keypoints, axis=-1), 0.0)
    error = float(distances.sum() / max(annotated.sum(), 1))
    return error if math.isfinite(error) else math.inf
