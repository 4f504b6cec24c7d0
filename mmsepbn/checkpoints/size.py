"""The size of a checkpoint."""

from collections.abc import Iterable

from torch import nn
from torch.optim import Optimizer

# What each kind of optimizer keeps of a parameter's size, by the setting that asks for it.
_KEPT = {'betas': 2, 'amsgrad': 1, 'momentum': 1, 'alpha': 1, 'centered': 1, 'rho': 2, 'etas': 2}


def checkpoint_bytes(models: Iterable[nn.Module], optimizers: Iterable[Optimizer]) -> int:
    """Bytes of the tensors in a checkpoint, also where the optimizers have taken no step yet.

    Args:
        models: the network, and its average if one is kept.
        optimizers: those whose state is saved too.
    """
    weights = sum(value.nbytes for model in models for value in model.state_dict().values())
    return weights + sum(_state_bytes(optimizer) for optimizer in optimizers)


def _state_bytes(optimizer: Optimizer) -> int:
    return sum(
        parameter.nbytes * sum(count for setting, count in _KEPT.items() if group.get(setting))
        for group in optimizer.param_groups
        for parameter in group['params']
        if parameter.requires_grad
    )
