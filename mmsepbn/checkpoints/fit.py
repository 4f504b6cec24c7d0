"""Whether weights fit a network, tensor by tensor: one check for testing, resuming and fine-tuning."""

import copy
import re
from collections.abc import Collection, Mapping
from typing import Any

import torch
from mmengine.model import is_model_wrapper
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils._pytree import tree_flatten

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.config_walk import walk
from mmsepbn.listing import shortened

# What DDP, torch.compile and activation checkpointing put into the names of the tensors inside them.
_WRAPPERS = re.compile(r'^module\.|\b_orig_mod\.|\b_checkpoint_wrapped_module\.')


def unwrapped(model: nn.Module) -> nn.Module:
    """The network within DDP and ``torch.compile``, whose tensors have the names of a checkpoint."""
    while is_model_wrapper(model) or hasattr(model, '_orig_mod'):
        model = model.get_submodule('module' if is_model_wrapper(model) else '_orig_mod')
    return model


def state_of(checkpoint: Mapping[str, Any], model: nn.Module) -> dict[str, Any]:
    """The weights of a checkpoint, under the names that ``model`` has for them, whatever wrapped either.

    Raises:
        CheckpointError: there are no weights.
    """
    state = checkpoint.get('state_dict', checkpoint)
    if not isinstance(state, Mapping) or not state or not all(isinstance(name, str) for name in state):
        raise CheckpointError('The checkpoint has no weights: its state_dict must map names to tensors, and has none.')
    own = {_WRAPPERS.sub('', name): name for name in model.state_dict()}
    plain = {_WRAPPERS.sub('', name): value for name, value in state.items()}
    return {own.get(name, name): value for name, value in plain.items()}


def widened(own: Mapping[str, Tensor], given: Mapping[str, Any]) -> dict[str, Any]:
    """The weights ``given``, in which half precision, as of published files, becomes float32 where ``own`` has that."""
    half = {name for name, value in given.items() if isinstance(value, Tensor) and value.dtype == torch.float16}
    half &= {name for name, value in own.items() if value.dtype == torch.float32}
    return {name: value.float() if name in half else value for name, value in given.items()}


def require_exact(own: Mapping[str, Tensor], given: Mapping[str, Any]) -> None:
    """Compare names, shapes, types and values of two state dicts; CheckpointError lists the first that differ."""
    wrong = [f'{name} is missing' for name in own if name not in given]
    wrong += [f'{name} is not in the model' for name in given if name not in own]
    for name, value in own.items():
        if name in given and (fault := _fault(value, given[name]) or _other_type(value, given[name])):
            wrong.append(f'{name} is {fault}')
    _refuse('The checkpoint does not fit the model', wrong)


def require_filled(model: nn.Module, given: Mapping[str, Any], new: Collection[str] = ()) -> int:
    """Whether initial weights fill the whole network, except for parts that start from scratch.

    As the network itself reads them: a BatchNorm's may fill a SepBN, whose attention then stays as initialized.

    Args:
        model: the network; it is left as it is.
        given: the weights under the network's names. Their dtype may differ, because published weights are in half
            precision.
        new: beginnings of names that the weights lack.

    Returns:
        the number of the network's tensors that the weights fill.

    Raises:
        CheckpointError: a tensor of the network is missing, has another shape, kind or no finite value, or one of the
            weights has no place; lists the first.
    """
    own = model.state_dict()
    wrong = []
    for name, value in given.items():
        if fault := value_fault(own.get(name), value) or _other_kind(own.get(name), value):
            wrong.append(f'{name} is {fault}')
    if not wrong:
        missing, left, wrong = _reading(model, given)
        missing = [name for name in missing if not name.startswith(tuple(new))]
        wrong = [f'{name} is missing' for name in missing] + wrong + [f'{name} is not in the model' for name in left]
    _refuse('The checkpoint does not fit the model', wrong)
    return sum(not name.startswith(tuple(new)) for name in own)


def require_finite(value: Any, name: str) -> None:
    """Refuse NaN and infinity in nested lists and mappings of tensors.

    Raises:
        CheckpointError: names the first tensor.
    """
    for place, part in walk(value, name):
        if isinstance(part, Tensor) and (fault := value_fault(None, part)):
            raise CheckpointError(f'The checkpoint cannot be resumed: {place} is {fault}.')


def _reading(model: nn.Module, given: Mapping[str, Tensor]) -> tuple[list[str], list[str], list[str]]:
    """What is missing, left over, and of another shape, when a copy of the network reads the weights."""
    target = _without_values(model)
    missing: list[str] = []
    left: list[str] = []
    wrong: list[str] = []

    def read(module: nn.Module, state: dict[str, Any], prefix: str) -> None:
        module._load_from_state_dict(state, prefix, {}, True, missing, left, wrong)
        for name, child in module.named_children():
            inner = f'{prefix}{name}.'
            read(child, {key: value for key, value in state.items() if key.startswith(inner)}, inner)

    read(target, {name: value.to('meta') for name, value in given.items()}, '')
    return missing, left, wrong


def _without_values(model: nn.Module) -> nn.Module:
    """A copy without memory; also of computed tensors, which torch does not copy (``weight_norm``)."""
    tensors = [part for module in model.modules() for part in tree_flatten(vars(module))[0] if isinstance(part, Tensor)]
    empty = {id(tensor): _empty(tensor) for tensor in tensors if not is_lazy(tensor)}
    return copy.deepcopy(model, empty).to('meta')


def _empty(tensor: Tensor) -> Tensor:
    empty = tensor.detach().to('meta')
    return nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty


def _fault(own: Tensor, given: Any) -> str | None:
    if isinstance(given, Tensor) and given.shape != own.shape:
        return f'{tuple(given.shape)} instead of {tuple(own.shape)}'
    return value_fault(own, given)


def value_fault(own: Tensor | None, given: Any) -> str | None:
    """Why ``given`` holds no values for the tensor ``own``, whatever their shapes; None where it does.

    NaN may be where ``own`` has NaN, infinity where it is not finite, as in a mask.
    """
    if not isinstance(given, Tensor):
        return f'a {type(given).__name__} instead of a tensor'
    if given.layout != torch.strided or given.is_meta or given.is_quantized:
        return 'sparse, quantized or without values'
    return None if _finite_as(own, given) else 'not finite'


def _finite_as(own: Tensor | None, given: Tensor) -> bool:
    if not (given.is_floating_point() or given.is_complex()) or bool(torch.isfinite(given).all()):
        return True
    if own is None or own.shape != given.shape or own.is_meta:
        return False
    own = own.to(given.device)
    return not bool(torch.where(given.isnan(), ~own.isnan(), given.isinf() & own.isfinite()).any())


def _other_kind(own: Tensor | None, given: Tensor) -> str | None:
    if own is None or own.is_floating_point() == given.is_floating_point():
        return None
    return _other_type(own, given)


def _other_type(own: Tensor, given: Tensor) -> str | None:
    return f'{given.dtype} instead of {own.dtype}' if own.dtype != given.dtype else None


def _refuse(message: str, wrong: list[str]) -> None:
    if wrong:
        raise CheckpointError(f'{message}, {len(wrong)} tensors differ:\n  {shortened(wrong)}')
