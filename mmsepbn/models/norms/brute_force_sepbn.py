"""Brute-force SepBN: one whole BatchNorm for each sub-domain.

Paper: arXiv:2101.06663, Sec. III-A, Fig. 2. A baseline, and the source of the finding behind SepBN: the branches'
statistics come out almost equal, their scales and shifts do not (Eq. 2, Fig. 4).
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmsepbn.models.norms.fx_leaf import fx_leaf
from mmsepbn.models.send import send
from mmsepbn.registry import MODELS


class _Branches(nn.ModuleList):
    """BatchNorms that stay what they are, as processes meet different sub-domains in a step."""

    def add_module(self, name: str, module: nn.Module | None) -> None:
        """Refuse what conversion to SyncBatchNorm, torch's or MMCV's, puts in."""
        if 'SyncBatchNorm' in type(module).__name__:
            raise ValueError(
                'BruteForceSepBN(branches=) cannot be SyncBatchNorm: processes would exchange the statistics of '
                'different sub-domains and wait for each other. Leave sync_bn out of the config.'
            )
        super().add_module(name, module)


@MODELS.register_module()
class BruteForceSepBN(nn.Module):
    """K BatchNorms with their own statistics, scale and shift; a sample goes through that of its sub-domain.

    :class:`DomainRoutedEstimator` states the sub-domains of each batch beforehand, in ``domains``. They stay until the
    next batch, so that gradient checkpointing, which computes the layer again in the backward pass, finds them. Where
    there are gradients, a sub-domain without samples in the batch takes part with a zero, because DDP waits for those
    of all parameters. Checkpoints of a BatchNorm load: every branch takes it whole.

    Args:
        num_features: C.
        num_routes: K.
        eps: added to the variance, as in BatchNorm.
        momentum: of the running statistics, as in BatchNorm.

    Attributes:
        domains: (N,) long, the sub-domain of each sample of the batch, on the CPU, where its rows are found without
            waiting for a GPU; None before the first.

    Raises:
        ValueError: K below 1; an input without domains, or with one outside 0..K-1; conversion to SyncBatchNorm.
    """

    domains: Tensor | None = None
    _abbr_ = 'bn'  # as in SepBN

    def __init__(
        self, num_features: int, *, num_routes: int = 3, eps: float = 1e-5, momentum: float | None = 0.1
    ) -> None:
        super().__init__()
        if num_routes < 1:
            raise ValueError(f'BruteForceSepBN(num_routes=) must be at least 1. Got {num_routes}.')
        self.num_routes = num_routes
        self.branches = _Branches(nn.BatchNorm2d(num_features, eps, momentum) for _ in range(num_routes))

    @fx_leaf
    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same."""
        domains = self.domains
        if domains is None or len(domains) != len(x):
            raise ValueError('BruteForceSepBN needs the domain of each sample: use mmsepbn.DomainRoutedEstimator.')
        order, parts, idle = [], [], x.new_zeros(())
        for domain, branch in enumerate(self.branches):
            rows = torch.nonzero(domains == domain).flatten()
            if len(rows):
                order.append(rows)
                parts.append(branch(x[send(rows, x.device)]))
            elif torch.is_grad_enabled():
                idle = idle + 0.0 * sum(parameter.sum() for parameter in branch.parameters())
        if sum(map(len, order)) != len(x):
            raise ValueError(
                f'BruteForceSepBN: domains must lie in 0..{self.num_routes - 1}. Got {domains.unique().tolist()}.'
            )
        restored = torch.cat(parts)[send(torch.argsort(torch.cat(order)), x.device)]
        return restored + idle.to(restored.dtype)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        """Read a BatchNorm's entries as those of every branch."""
        for name in self.branches[0].state_dict():
            value = state_dict.pop(prefix + name, None)
            for index in range(self.num_routes if value is not None else 0):
                state_dict[f'{prefix}branches.{index}.{name}'] = value
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
