"""Attentive Normalization, the paper's nearest competitor.

Paper: Li, Sun and Wu, arXiv:1908.01259, Sec. 3. For comparisons: its weights and initialization are those of the
authors' released code, in which they see a channel's mean relative to its standard deviation.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmsepbn.models.norms.batch_norm_state import translate_batch_norm
from mmsepbn.models.norms.functional import map_channels, perturb_routes
from mmsepbn.models.norms.fx_leaf import fx_leaf
from mmsepbn.registry import MODELS

_SPREAD = 0.1
_VARIANCE_FLOOR = 1e-3


@MODELS.register_module()
class AttentiveNorm(nn.Module):
    """BatchNorm without scale and shift, then the weighted sum of K sets of them: (N, C, H, W) -> the same.

    The weights of a sample come from each channel's mean over its standard deviation (both over the map) by a linear
    layer, a BatchNorm and a hard sigmoid; unlike SepBN's they do not sum to 1, are shared by all channels, and have no
    temperature. Scales start normal about 1, shifts about 0, both with standard deviation 0.1. From a BatchNorm's
    checkpoint each set takes 2/K of scale and shift, since a weight starts near 1/2.

    Args:
        num_features: C.
        num_components: K.
        eps: added to the variance, as in BatchNorm.
        momentum: of the running statistics, as in BatchNorm.

    Raises:
        ValueError: K below 1; in training a batch of one sample, for which the weights' BatchNorm has no variance.
    """

    _abbr_ = 'bn'  # as in SepBN

    def __init__(
        self, num_features: int, num_components: int = 10, eps: float = 1e-5, momentum: float | None = 0.1
    ) -> None:
        super().__init__()
        if num_components < 1:
            raise ValueError(f'AttentiveNorm(num_components=) must be at least 1. Got {num_components}.')
        self.norm = nn.BatchNorm2d(num_features, eps=eps, momentum=momentum, affine=False)
        self.weight = nn.Parameter(torch.empty(num_components, num_features).normal_(1.0, _SPREAD))
        self.bias = nn.Parameter(torch.empty(num_components, num_features).normal_(0.0, _SPREAD))
        self.weigh = nn.Sequential(
            nn.Linear(num_features, num_components, bias=False), nn.BatchNorm1d(num_components), nn.Hardsigmoid()
        )

    def perturb_routes(self) -> None:
        """Add noise to sets that are all equal, as after loading a BatchNorm."""
        perturb_routes(self.weight, self.bias, _SPREAD)

    def attention(self, x: Tensor) -> Tensor:
        """Weights of the sets, each in 0..1: (N, C, H, W) -> (N, K, 1)."""
        if self.training and x.shape[0] == 1:
            raise ValueError('AttentiveNorm needs batches of at least 2 samples in training. Got 1.')
        with torch.autocast(device_type=x.device.type, enabled=False):
            # Not the unbiased variance, which a map of one pixel does not have.
            variance, mean = torch.var_mean(x.to(self.weight.dtype), dim=(2, 3), correction=0)
            return self.weigh(mean * (variance + _VARIANCE_FLOOR).rsqrt()).unsqueeze(-1)

    @fx_leaf
    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W) of the same dtype."""
        with torch.autocast(device_type=x.device.type, enabled=False):
            weights = self.attention(x)[..., 0]
            gamma, beta = weights @ self.weight, weights @ self.bias
        return map_channels(self.norm(x), gamma, beta)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        """Read a BatchNorm's entries; see the class docstring."""
        translate_batch_norm(state_dict, prefix, self, factor=2 / self.weight.shape[0])
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
