"""Parting sets of scale and shift that start alike."""

import torch
from torch import Tensor


@torch.no_grad()
def part_rows(scale: Tensor, shift: Tensor, spread: float) -> None:
    """Part K equal rows of (K, C) scale and shift in place, as they are after loading a BatchNorm.

    Noise of standard deviation ``spread`` times the scale is added to both, with zero mean over the rows, so that
    under uniform weights they still map as that BatchNorm did. A scale of zero, with which the last norms of residual
    blocks may start, counts as one. Rows that differ already are left as they are.
    """
    num_routes = scale.shape[0]
    if num_routes == 1 or any(bool((rows != rows[:1]).any()) for rows in (scale, shift)):
        return
    size = torch.where(scale == 0, 1.0, scale.abs())
    unit = size * spread * (num_routes / (num_routes - 1)) ** 0.5
    for rows in (scale, shift):
        noise = torch.randn_like(rows)
        rows.add_(unit * (noise - noise.mean(dim=0)))
