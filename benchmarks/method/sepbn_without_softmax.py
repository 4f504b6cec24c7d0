"""Forms of SepBN whose weights do not come from a softmax, which the paper's do: rows of the benchmark's tables.

Arguments, input, output and parameters are those of :class:`SepBN`. Configs name them by their paths, as
:mod:`standardized_sepbn` says.
"""

import torch
from torch import Tensor, nn

from mmsepbn.models.norms.sepbn import SepBN


class ResidualSepBN(SepBN):
    """The first route is a BatchNorm, the others are added to it and start at zero; each has a sigmoid for its weight.

    So it starts as that BatchNorm exactly, and its weights do not sum to 1. Residual dynamic layers are built so, as
    in arXiv:2103.08756 (dynamic channel fusion).
    """

    def reset_routes(self) -> None:
        """Start as a BatchNorm: its scale and shift as those of SepBN's routes start, the differences at zero."""
        super().reset_routes()
        for rows in (self.weight, self.bias):
            nn.init.zeros_(rows[1:])

    def attention(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, K, G): 1 for the first route, within 0..1 for the others."""
        if self.route_attention is None:
            return super().attention(x)
        weights = torch.sigmoid(self.route_attention(x) / self.temperature)
        return torch.cat([torch.ones_like(weights[:, :1]), weights[:, 1:]], dim=1)


class SignedSepBN(SepBN):
    """The weights of each face and group may be negative: ``z / sum |z|`` of its logits, as in arXiv:2308.08361.

    There they start as fixed weights and approach this while training warms up; here they start as equal ones, by
    the share ``1 / T`` of the annealed temperature, so at T = 1 they are ``z / sum |z|``.
    """

    def attention(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, K, G), within -1..1."""
        if self.route_attention is None:
            return super().attention(x)
        logits, share = self.route_attention(x), 1 / self.temperature
        total = logits.abs().sum(dim=1, keepdim=True).clamp(min=1e-6)
        return share * logits / total + (1 - share) / self.num_routes
