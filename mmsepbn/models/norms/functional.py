"""The arithmetic of Separable Batch Normalization as pure functions of tensors.

Source: arXiv:2101.06663, Sec. III-B, Eq. 5-7. N samples, C channels, H x W feature size, K routes (sets of scale and
shift), G channel groups, S pooled size, T temperature.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from mmsepbn.models.norms.eager import runs_eagerly

Aggregation = Literal['soft', 'hard']


def route_weights(logits: Tensor, temperature: Tensor | float, aggregation: Aggregation = 'soft') -> Tensor:
    """Attention weights of the routes (Eq. 5), (N, K, G) -> (N, K, G); over K they sum to 1 for each (n, g).

    ``soft`` is ``softmax(logits / T)``. ``hard`` is its one-hot argmax, which passes no gradient to the logits
    (Sec. V-B, "Aggregation method"); the first route wins a tie.
    """
    if aggregation == 'hard':
        winner = logits.detach().argmax(dim=1, keepdim=True)
        return torch.zeros_like(logits, requires_grad=False).scatter_(1, winner, 1.0)
    return torch.softmax(logits / temperature, dim=1)


def mix_routes(weights: Tensor, scale: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Scale and shift of each sample and channel (Eq. 6): (N, K, G), (K, C), (K, C) -> two of (N, C).

    Channel c belongs to group ``c // (C / G)``.
    """
    shape = (*weights.shape[1:], -1)
    gamma, beta = ((weights.unsqueeze(-1) * values.view(shape)).sum(1).flatten(1) for values in (scale, shift))
    return gamma, beta


def map_normalized(x: Tensor, gamma: Tensor, beta: Tensor, mean: Tensor, var: Tensor, eps: float) -> Tensor:
    """``gamma * (x - mean) / sqrt(var + eps) + beta`` in one pass (Eq. 7): (N, C, H, W), two of (N, C), two of (C,).

    Maps in half precision are computed with in float32 and rounded once: a shift that all of it is folded into can be
    large, and would be rounded before it cancels.
    """
    full = torch.promote_types(x.dtype, torch.float32)
    gamma, beta, mean, var = (values.to(full) for values in (gamma, beta, mean, var))
    as_written = runs_eagerly()
    if as_written and x.numel() and x.is_contiguous():
        # torch's BatchNorm kernel on (1, N*C, H, W): every sample's channel has its own scale and shift
        mean, var = (values.expand(len(x), -1).flatten() for values in (mean, var))
        maps = x.reshape(1, -1, *x.shape[2:])
        return F.batch_norm(maps, mean, var, gamma.flatten(), beta.flatten(), eps=eps).view_as(x)
    scale = gamma * torch.rsqrt(var + eps)
    shift = torch.addcmul(beta, mean, scale, value=-1)
    if torch.is_grad_enabled() or not as_written:
        return map_channels(x.to(full), scale, shift).to(x.dtype)
    return torch.addcmul(shift[:, :, None, None], x, scale[:, :, None, None], out=torch.empty_like(x))


def map_channels(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """``gamma * x + beta`` in one pass and in the dtype of x: (N, C, H, W), (N, C), (N, C) -> (N, C, H, W)."""
    gamma, beta = (p.to(x.dtype)[:, :, None, None] for p in (gamma, beta))
    return torch.addcmul(beta, x, gamma)


def routes_are_equal(scale: Tensor, shift: Tensor) -> bool:
    """Whether the K rows of (K, C) scale and shift are the same mapping."""
    return all(torch.equal(rows, rows[:1].expand_as(rows)) for rows in (scale, shift))


@torch.no_grad()
def perturb_routes(scale: Tensor, shift: Tensor, std: float) -> None:
    """Add noise to K equal rows of (K, C) scale and shift in place, as they are after loading a BatchNorm.

    It has the standard deviation ``std`` times the scale and zero mean over the rows, so that
    under uniform weights they still map as that BatchNorm did. A scale of zero, with which the last norms of residual
    blocks may start, counts as one. Rows that differ already are left as they are.
    """
    num_routes = scale.shape[0]
    if num_routes == 1 or not routes_are_equal(scale, shift):
        return
    size = torch.where(scale == 0, 1.0, scale.abs())
    unit = size * std * (num_routes / (num_routes - 1)) ** 0.5
    for rows in (scale, shift):
        noise = torch.randn_like(rows)
        rows.add_(unit * (noise - noise.mean(dim=0)))
