"""How a norm layer of several routes reads a BatchNorm's checkpoint."""

from typing import Any

from torch import Tensor, nn

_STATISTICS = ('running_mean', 'running_var', 'num_batches_tracked')


def translate_batch_norm(state_dict: dict[str, Any], prefix: str, layer: nn.Module, factor: float = 1.0) -> None:
    """Rewrite the entries of a BatchNorm under ``prefix`` as those of ``layer``; others are left as they are.

    The layer normalizes by its child ``norm``, which takes the statistics; each of the K rows of its ``weight`` and
    ``bias`` takes the (C,) scale and shift, times ``factor``. Entries that a BatchNorm lacks, such as the attention,
    stay unchanged in the layer. A BatchNorm that tracks no statistics is known by its scale.
    """
    scale = state_dict.get(f'{prefix}weight')
    if f'{prefix}running_mean' not in state_dict and not (isinstance(scale, Tensor) and scale.dim() == 1):
        return
    for name in _STATISTICS:
        if prefix + name in state_dict:
            state_dict[f'{prefix}norm.{name}'] = state_dict.pop(prefix + name)
    for name in ('weight', 'bias'):
        value = state_dict.get(prefix + name)
        if isinstance(value, Tensor) and value.dim() == 1:
            num_routes = layer.get_parameter(name).shape[0]
            state_dict[prefix + name] = (value * factor).expand(num_routes, -1).clone()
    for name, value in layer.state_dict(prefix=prefix).items():
        if name not in (f'{prefix}norm.running_mean', f'{prefix}norm.running_var'):  # without them loading fails
            state_dict.setdefault(name, value)
