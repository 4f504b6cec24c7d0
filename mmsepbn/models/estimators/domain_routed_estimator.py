"""Training with known sub-domains, and testing with an oracle."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmpose.models.pose_estimators import TopdownPoseEstimator
from mmpose.utils.typing import SampleList
from torch import Tensor

from mmsepbn.evaluation.functional import normalized_mean_error
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
        ValueError: in use, a face without a known sub-domain, which is named.
    """

    def __init__(self, *args: Any, domains: Sequence[str] = ('frontal', 'left', 'right'), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.domains = tuple(domains)

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
        """State the sub-domain of each sample of the next batch, (N,) long."""
        for module in self.modules():
            if isinstance(module, BruteForceSepBN):
                module.domains = domains.to(next(module.parameters()).device)

    def _domains_of(self, samples: SampleList) -> Tensor:
        for sample in samples:
            if sample.metainfo.get('domain') not in self.domains:
                meta = sample.metainfo
                raise ValueError(
                    f'DomainRoutedEstimator(domains={self.domains}) needs the domain of every face. '
                    f'Got {meta.get("domain")!r} for {meta.get("dataset_name")}, {meta.get("img_path")}.'
                )
        return torch.tensor([self.domains.index(sample.metainfo['domain']) for sample in samples])


def _error(sample: Any) -> float:
    truth = sample.gt_instances
    error = normalized_mean_error(
        np.asarray(sample.pred_instances.keypoints), truth.keypoints, np.ones(1), truth.keypoints_visible
    )
    return float(error[0])
