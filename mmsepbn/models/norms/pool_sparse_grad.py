"""Max pooling whose gradient is added to another gradient of its input in place.

Autograd would allocate a map of zeros, write the few gradients of the maxima into it and add it to the other gradient:
three passes over the map.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def pool_sparse_grad(x: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """The input itself and the maxima of its S x S windows: (N, C, H, W) -> (N, C, H, W), (N, C, S, S).

    S must divide H and W. Use the first output at most once, in an operation whose gradient is a new tensor: it is
    written to. Among equal values the first pixel gets the gradient, as in torch's pooling.
    """
    return _PoolSparseGrad.apply(x, (x.shape[-2] // size, x.shape[-1] // size))


class _PoolSparseGrad(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, window: tuple[int, int]) -> tuple[Tensor, Tensor]:
        pooled, indices = F.max_pool2d(x, window, return_indices=True)
        ctx.save_for_backward(indices)
        return x, pooled

    @staticmethod
    def backward(ctx: Any, dx: Tensor, d_pooled: Tensor) -> tuple[Tensor, None]:
        (indices,) = ctx.saved_tensors
        if torch.is_grad_enabled():  # for second derivatives
            return dx.flatten(2).scatter_add(2, indices.flatten(2), d_pooled.flatten(2)).view_as(dx), None
        if dx.is_contiguous():
            dx.flatten(2).scatter_add_(2, indices.flatten(2), d_pooled.flatten(2))
        else:
            pixels, places, values = (t.permute(0, 2, 3, 1).flatten(1, 2) for t in (dx, indices, d_pooled))
            pixels.scatter_add_(1, places, values)
            dx = pixels.unflatten(1, dx.shape[2:]).permute(0, 3, 1, 2)
        return dx, None
