"""SepBN whose attention is standardized, which the paper's is not: rows of the benchmark's tables.

Configs name it by its path, ``benchmarks.method.standardized_sepbn.StandardizedSepBN``, which MMEngine imports
wherever the project's root is on Python's path; for tools/ that is ``PYTHONPATH=.``.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmsepbn.models.norms.pool_to_square import pool_to_square
from mmsepbn.models.norms.route_attention import RouteAttention
from mmsepbn.models.norms.sepbn import SepBN


class StandardizedSepBN(SepBN):
    """SepBN with a :class:`StandardizedAttention`. Arguments, input and output are those of :class:`SepBN`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.route_attention, RouteAttention):
            self.route_attention = StandardizedAttention(self.route_attention)


class StandardizedAttention(nn.Module):
    """The layers of a :class:`RouteAttention`, with pooled features and logits standardized over the batch.

    In evaluation by running statistics. Each logit has mean 0 and variance 1 over faces, so the attention can neither
    stay uniform nor saturate into the same weights for every face, whatever its learning rate.

    Args:
        plain: whose layers it takes for its own.
    """

    def __init__(self, plain: RouteAttention) -> None:
        super().__init__()
        self.num_routes, self.num_groups, self.pool_size = plain.num_routes, plain.num_groups, plain.pool_size
        # Before the convolution: conv-BN fusion pairs a convolution with the next BatchNorm among the children.
        self.norm = _Standardize(plain.conv.in_channels)
        self.logit_norm = _Standardize(plain.num_routes * plain.num_groups)
        self.conv, self.mlp = plain.conv, plain.mlp

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> logits (N, K, G) in the dtype of the parameters."""
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
