"""Normalizing by the batch and mapping with a scale and shift for each sample, as one function of autograd.

As two functions they keep x and the normalized x for the backward pass. This one keeps x alone, as BatchNorm does, and
recomputes the rest: with ``z = (x - mean) / std``, ``y = gamma z + beta``, M values a channel and sums over them,
``dx = (gamma dy - sum(gamma dy) / M - z sum(gamma z dy) / M) / std``. Maps in half precision are computed with in
float32 and rounded once.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmsepbn.models.norms.eager import runs_eagerly
from mmsepbn.models.norms.functional import map_channels, map_normalized


def normalize_and_map(x: Tensor, gamma: Tensor, beta: Tensor, norm: nn.BatchNorm2d) -> Tensor:
    """``gamma * norm(x) + beta`` in training: (N, C, H, W), (N, C), (N, C) -> (N, C, H, W).

    ``norm`` has no scale and shift; its running statistics are updated as it would do it.
    """
    if not can_fuse(x, gamma, norm):
        return map_channels(norm(x), gamma, beta)
    momentum = 0.0
    if norm.num_batches_tracked is not None:
        norm.num_batches_tracked.add_(1)
        momentum = 1.0 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
    return _NormalizeAndMap.apply(x, gamma, beta, norm.running_mean, norm.running_var, momentum, norm.eps)


def can_fuse(x: Tensor, gamma: Tensor, norm: nn.Module) -> bool:
    """Whether it pays and gives the same: not without gradients, not where a compiler does it.

    Half precision needs gamma in float32, as under AMP. SyncBatchNorm gathers its own statistics; a BatchNorm refuses
    a batch of one value and other channels than its own. Hooks of the norm and transforms of functions expect its call.
    Other devices, and tensors that stand for others, do not know how to compute statistics alone.
    """
    return (
        type(norm) is nn.BatchNorm2d
        and type(x) is Tensor
        and x.device.type in ('cpu', 'cuda')
        and norm.track_running_stats
        and norm.num_features == x.shape[1] == gamma.shape[1]
        and not (norm._forward_hooks or norm._forward_pre_hooks or norm._backward_hooks or norm._backward_pre_hooks)
        and torch.is_grad_enabled()
        and gamma.dtype in (torch.float32, torch.float64)
        and gamma.dtype == torch.promote_types(x.dtype, torch.float32)
        and x.numel() > x.shape[1]
        and runs_eagerly()
    )


class _NormalizeAndMap(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        gamma: Tensor,
        beta: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        momentum: float,
        eps: float,
    ) -> Tensor:
        mean, var = torch.batch_norm_update_stats(x, running_mean, running_var, momentum)
        inverse_std = torch.rsqrt(var + eps)
        ctx.save_for_backward(x, gamma, mean, inverse_std)
        ctx.eps = eps
        y = map_normalized(x, gamma, beta, mean, var, eps)
        # The same memory, but not a view, on which autograd would allow nothing in place.
        return y.new_empty(0).set_(y.untyped_storage(), y.storage_offset(), y.shape, y.stride())

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor | None, ...]:
        x, gamma, mean, inverse_std = ctx.saved_tensors
        if torch.is_grad_enabled():  # for second derivatives the statistics are functions of x
            var, mean = torch.var_mean(x.to(gamma.dtype), (0, 2, 3), correction=0)
            inverse_std = torch.rsqrt(var + ctx.eps)
        d_gamma, d_beta = _gradients_of_maps(dy, x, mean, inverse_std)
        slope = gamma * inverse_std
        share = inverse_std * (-x.shape[1] / x.numel())
        scale = (slope * d_gamma).sum(0) * share
        shift = torch.addcmul((gamma * d_beta).sum(0) * share, scale, mean, value=-1)
        dx, of_dy = torch.addcmul(shift[:, None, None], x, scale[:, None, None]), (dy, slope[:, :, None, None])
        if torch.is_grad_enabled():
            dx = torch.addcmul(dx, *of_dy).to(x.dtype)
        else:
            dx = torch.addcmul(dx, *of_dy, out=dx if dx.dtype == x.dtype else torch.empty_like(x))
        return dx, d_gamma, d_beta, None, None, None, None


def _gradients_of_maps(dy: Tensor, x: Tensor, mean: Tensor, inverse_std: Tensor) -> tuple[Tensor, Tensor]:
    """``sum(dy z)`` and ``sum(dy)`` of each sample and channel, two of (N, C).

    Where nothing wants second derivatives they are those of a BatchNorm's scale and shift, with the samples' channels
    as its channels: torch computes them in one pass without a map in between.
    """
    if torch.is_grad_enabled() or not x.is_contiguous():
        z = torch.addcmul(-(mean * inverse_std)[:, None, None], x, inverse_std[:, None, None])
        products = z * dy if torch.is_grad_enabled() else z.mul_(dy)
        return products.sum((2, 3)), dy.sum((2, 3), dtype=mean.dtype)
    count = len(x)
    mean, inverse_std = (t.expand(count, -1).flatten() for t in (mean, inverse_std))
    dy, x = (t.reshape(1, -1, *t.shape[2:]) for t in (dy, x))
    any_scale = inverse_std  # the sums do not depend on it, but CUDA takes its type
    _, d_gamma, d_beta = torch.ops.aten.native_batch_norm_backward(
        dy, x, any_scale, None, None, mean, inverse_std, True, 0.0, [False, True, True]
    )
    return d_gamma.view(count, -1), d_beta.view(count, -1)
