"""The square map that the attention sees: adaptive max pooling in the fastest way that each place allows."""

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

from mmsepbn.models.norms.eager import is_exporting, runs_eagerly

_LANES = 8  # numbers that a CPU takes at once; torch reduces shorter windows one number after another


def pool_to_square(x: Tensor, size: int) -> Tensor:
    """Adaptive max pooling, (N, C, H, W) -> (N, C, S, S), equal to torch's to the bit.

    With gradients torch's kernels are fastest: their backward writes one element per window. So they are where memory
    runs along channels. Elsewhere, where H and W are multiples of S, maxima are taken over rows first and without an
    index map. What is exported is made of slices, which every exporter knows; their bounds are computed from H and W,
    so that these may be dynamic. So are uneven windows where algorithms have to be deterministic, which torch's kernel
    on a GPU is not.
    """
    height, width = x.shape[-2:]
    if is_exporting():
        return _pool_slices(x, size)
    if (height, width) == (size, size):
        return x
    if height % size or width % size:
        pool = _pool_slices if torch.are_deterministic_algorithms_enabled() else F.adaptive_max_pool2d
        return pool(x, size)
    on_cpu = x.device.type == 'cpu' and runs_eagerly()
    if (torch.is_grad_enabled() and x.requires_grad) or (on_cpu and x.is_contiguous(memory_format=torch.channels_last)):
        return F.max_pool2d(x, (height // size, width // size))
    return _pool_even(_pool_even(x, size, -2, on_cpu), size, -1, on_cpu)


def _pool_even(x: Tensor, size: int, dim: int, on_cpu: bool) -> Tensor:
    """Maxima of S windows of equal length."""
    windows = x.unflatten(dim, (size, -1))
    if on_cpu and windows.shape[dim] < _LANES:
        return functools.reduce(torch.maximum, windows.unbind(dim))
    return windows.amax(dim)


def _pool_slices(x: Tensor, size: int) -> Tensor:
    height, width = x.shape[-2:]
    return _pool_windows(_pool_windows(x, height, size, -2), width, size, -1)


def _pool_windows(x: Tensor, length: int, size: int, dim: int) -> Tensor:
    """Maxima of the S windows of one dimension: window i from ``floor(i L / S)`` up to ``ceil((i + 1) L / S)``."""
    bounds = [(i * length // size, ((i + 1) * length + size - 1) // size) for i in range(size)]
    windows = [x.narrow(dim, start, end - start) for start, end in bounds]
    return torch.cat([window.amax(dim, keepdim=True) for window in windows], dim)
