"""Scale, shift and statistics of each route, read from the norm layers of a network."""

import torch
from torch import Tensor, nn

from mmsepbn.models.norms import AttentiveNorm, BruteForceSepBN, SepBN

RouteValues = dict[str, dict[str, Tensor]]  # layer -> quantity -> (K, C)


def route_values(model: nn.Module) -> RouteValues:
    """``scale`` and ``shift`` (K, C) of each layer with routes, for brute-force SepBN also ``mean`` and ``var``.

    Raises:
        ValueError: the network has no such layer.
    """
    values: RouteValues = {}
    for name, module in model.named_modules():
        if isinstance(module, SepBN | AttentiveNorm):
            values[name] = dict(scale=module.weight, shift=module.bias)
        elif isinstance(module, BruteForceSepBN):
            parts = dict(mean='running_mean', var='running_var', scale='weight', shift='bias')
            values[name] = {
                quantity: torch.stack([getattr(branch, attribute) for branch in module.branches])
                for quantity, attribute in parts.items()
            }
    if not values:
        raise ValueError(f'{type(model).__name__} has no norm layer with routes, such as mmsepbn.SepBN.')
    return {layer: {key: rows.detach().cpu().float() for key, rows in own.items()} for layer, own in values.items()}
