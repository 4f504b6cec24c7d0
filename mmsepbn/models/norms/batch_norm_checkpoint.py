"""Reading a BatchNorm's entries of a state dict into a layer that keeps K sets of scale and shift."""

from typing import Any

from torch import Tensor, nn

_STATISTICS = ('running_mean', 'running_var', 'num_batches_tracked')


def translate_batch_norm(state_dict: dict[str, Any], prefix: str, layer: nn.Module, factor: float = 1.0) -> None:
    """Rewrite the entries of a BatchNorm under ``prefix`` as those of ``layer``; others are left as they are.

    The layer normalizes by its child ``norm``, which takes the statistics; each of the K rows of its ``weight`` and
    ``bias`` takes the (C,) scale and shift, times ``factor``. What a BatchNorm does not have, such as an attention,
    stays as it is in the layer.
    """
    if f'{prefix}running_mean' not in state_dict:
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
        state_dict.setdefault(name, value)
