"""The attention that weighs the routes of a SepBN layer from the layer's own input."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmsepbn.models.norms.functional import pool_to_square


class RouteAttention(nn.Module):
    """Logits of the K routes for each sample and channel group (Sec. III-B, Fig. 1): (N, C, H, W) -> (N, K, G).

    Adaptive max pooling to S x S, a 1 x 1 convolution, then an MLP of one hidden layer. The paper's widths are lost;
    these keep the layer far below 2 % of the networks it sits in. Computed in float32 also under AMP, because the
    maxima of un-normalized activations reach beyond half precision. Initialization: torch's defaults.

    With ``standardize`` the pooled features and the logits are standardized over the batch, in evaluation by running
    statistics. Each logit then has mean 0 and variance 1 over faces, so the attention can neither stay uniform nor
    saturate into the same weights for every face, whatever its learning rate.
    """

    def __init__(
        self,
        num_features: int,
        num_routes: int,
        num_groups: int,
        pool_size: int,
        conv_channels: int = 8,
        hidden_channels: int = 16,
        standardize: bool = False,
    ) -> None:
        super().__init__()
        self.num_routes, self.num_groups, self.pool_size = num_routes, num_groups, pool_size
        num_logits = num_routes * num_groups
        # Before the convolution: conv-BN fusion pairs a convolution with the next BatchNorm among the children.
        self.norm = _Standardize(num_features) if standardize else nn.Identity()
        self.logit_norm = _Standardize(num_logits) if standardize else nn.Identity()
        self.conv = nn.Conv2d(num_features, conv_channels, kernel_size=1)
        self.mlp = nn.Sequential(
            nn.ReLU(),
            nn.Linear(conv_channels * pool_size**2, hidden_channels),
            nn.ReLU(),
            nn.Linear(hidden_channels, num_logits),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, K, G) in the dtype of the parameters."""
        with torch.autocast(device_type=x.device.type, enabled=False):
            pooled = pool_to_square(x, self.pool_size).to(self.conv.weight.dtype)
            logits = self.mlp(self.conv(self.norm(pooled)).flatten(1))
            return self.logit_norm(logits).view(-1, self.num_routes, self.num_groups)


class _Standardize(_BatchNorm):
    """BatchNorm without scale and shift; one value for each feature has no variance and is taken by running ones."""

    def __init__(self, num_features: int) -> None:
        super().__init__(num_features, affine=False)

    def forward(self, x: Tensor) -> Tensor:
        if self.training and x.numel() == self.num_features:
            return F.batch_norm(x, self.running_mean, self.running_var, eps=self.eps)
        return super().forward(x)

    def _check_input_dim(self, x: Tensor) -> None:
        """Any rank from 2."""
