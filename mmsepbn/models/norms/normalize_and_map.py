"""Normalizing by the batch and mapping with a scale and shift for each sample, as one function of autograd.

As two functions they keep x and the normalized x for the backward pass. This one keeps x alone, as BatchNorm does, and
computes the rest anew: with ``z = (x - mean) / std``, ``y = gamma z + beta``, M values a channel and sums over them,
``dx = (gamma dy - sum(gamma dy) / M - z sum(gamma z dy) / M) / std``.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmsepbn.models.norms.functional import map_channels


def normalize_and_map(x: Tensor, gamma: Tensor, beta: Tensor, norm: nn.BatchNorm2d) -> Tensor:
    """``gamma * norm(x) + beta`` in training: (N, C, H, W), (N, C), (N, C) -> (N, C, H, W).

    ``norm`` has no scale and shift; its running statistics are updated as it would do it.
    """
    if not is_one_function(x, gamma, norm):
        return map_channels(norm(x), gamma, beta)
    momentum = 0.0
    if norm.num_batches_tracked is not None:
        norm.num_batches_tracked.add_(1)
        momentum = 1.0 / float(norm.num_batches_tracked) if norm.momentum is None else norm.momentum
    y, _, _ = _NormalizeAndMap.apply(x, gamma, beta, norm.running_mean, norm.running_var, momentum, norm.eps)
    return y


def is_one_function(x: Tensor, gamma: Tensor, norm: nn.Module) -> bool:
    """Whether it pays and gives the same: not without gradients, not where a compiler does it, not under AMP.

    Half precision would overflow in sums of ``x dy``. SyncBatchNorm gathers statistics of its own; a BatchNorm refuses
    a batch of one value and other channels than its own. Hooks of the norm and transforms of functions expect its call.
    """
    return (
        type(norm) is nn.BatchNorm2d
        and norm.track_running_stats
        and norm.num_features == x.shape[1] == gamma.shape[1]
        and not (norm._forward_hooks or norm._forward_pre_hooks or norm._backward_hooks or norm._backward_pre_hooks)
        and torch._C._functorch.peek_interpreter_stack() is None
        and torch.autograd.forward_ad._current_level < 0
        and torch.is_grad_enabled()
        and x.dtype == gamma.dtype
        and x.dtype in (torch.float32, torch.float64)
        and x.numel() > x.shape[1]
        and not torch.compiler.is_compiling()
        and not torch.jit.is_tracing()
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
    ) -> tuple[Tensor, Tensor, Tensor]:
        y, mean, inverse_std = torch.native_batch_norm(x, None, None, running_mean, running_var, True, momentum, eps)
        torch.addcmul(_maps(beta), y, _maps(gamma), out=y)
        ctx.save_for_backward(x, gamma, mean, inverse_std)
        ctx.mark_non_differentiable(mean, inverse_std)
        ctx.eps = eps
        return y, mean, inverse_std

    @staticmethod
    def backward(ctx: Any, dy: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        x, gamma, mean, inverse_std = ctx.saved_tensors
        if torch.is_grad_enabled():  # for second derivatives the statistics are functions of x
            var, mean = torch.var_mean(x, (0, 2, 3), correction=0)
            inverse_std = torch.rsqrt(var + ctx.eps)
        z = torch.addcmul(-(mean * inverse_std)[:, None, None], x, inverse_std[:, None, None])
        d_beta, d_gamma = dy.sum((2, 3)), (dy * z).sum((2, 3))
        values = x.numel() // x.shape[1]
        shift, scale = (-inverse_std * (gamma * sums).sum(0) / values for sums in (d_beta, d_gamma))
        dx = torch.addcmul(shift[:, None, None], z, scale[:, None, None]).addcmul_(dy, _maps(inverse_std * gamma))
        return dx, d_gamma, d_beta, None, None, None, None


def _maps(values: Tensor) -> Tensor:
    return values[:, :, None, None]
