"""Find where numbers become non-finite in a training step."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from mmsepbn.user_error import UserError

_WIDE = (torch.bfloat16, torch.float32, torch.float64)  # of a range in which norms rarely overflow
_TARGETS = ('gt_instance_labels', 'gt_fields')
STAGES = ('input', 'target', 'parameter', 'buffer', 'layer', 'loss', 'gradient')


class Origin(NamedTuple):
    """The first non-finite value; the smaller of two came first.

    Attributes:
        stage: place in :data:`STAGES`.
        place: order within the stage.
        words: what it is.
    """

    stage: int
    place: int
    words: str


class NonFiniteError(UserError):
    """A loss or a gradient is NaN or infinite; the message names the first such value."""


def tensors_of(value: Any) -> Iterator[Tensor]:
    """Floating-point tensors in nested lists, tuples and mappings."""
    if isinstance(value, Tensor) and value.is_floating_point():
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from tensors_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_of(item)


def all_finite(value: Any) -> bool:
    """Whether no tensor in ``value`` holds NaN or infinity."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors_of(value))


def sums_finite(value: Any) -> Tensor:
    """Whether the sum of every tensor in ``value`` is finite: a scalar on their device, not waited for.

    True means that all are finite; False may also be a sum that overflowed. One pass, an order of magnitude faster than
    checking each element. On a GPU it is the sum of all squares: a few operations, whatever the number of tensors,
    unless some are in half precision, where squares overflow soon.
    """
    tensors = [tensor.detach() for tensor in tensors_of(value)]
    norm = getattr(nn.utils, 'get_total_norm', None)  # torch >= 2.6
    on_gpu = bool(tensors) and tensors[0].device.type != 'cpu'
    if norm is not None and on_gpu and all(tensor.dtype in _WIDE for tensor in tensors):
        return torch.isfinite(norm(tensors))
    sums = [tensor.sum(dtype=torch.promote_types(tensor.dtype, torch.float32)) for tensor in tensors]
    return torch.isfinite(torch.stack([one.to(sums[0].device) for one in sums])).all() if sums else torch.tensor(True)


def first_non_finite(model: nn.Module, *args: Any, **kwargs: Any) -> Origin | None:
    """Where numbers become non-finite in ``model(*args, **kwargs)``, which has been called already.

    In the order of :data:`STAGES`: an image of the batch, a target of a sample, a parameter, a buffer that was so
    before the call, the first layer in the order of execution, the loss; None where all are finite.

    The call is repeated without gradients, with copies of the buffers; those that are not finite start from 0 in it:
    one that then stays finite was ruined before the call, not by it. Where layers communicate, every process must call
    this.
    """
    found = next(_in_batch(*args, **kwargs), None) or next(_in_parameters(model), None)
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    ruined = [name for name, buffer in before.items() if not all_finite(buffer)]
    for name in ruined:
        before[name].nan_to_num_(0, 0, 0)
    in_layers = _in_call(model, before, args, kwargs)
    stale = [name for name in ruined if all_finite(before[name])]
    if found is None and stale:
        return _origin('buffer', 0, f'the buffer {stale[0]}, already non-finite before this step')
    return found or in_layers


def non_finite_gradient(model: nn.Module) -> Origin | None:
    """The last parameter whose gradient is not finite, as the backward pass runs from the last to the first."""
    bad = [name for name, p in model.named_parameters() if p.grad is not None and not all_finite(p.grad)]
    return _origin('gradient', 0, f'the gradient of {bad[-1]} ({len(bad)} parameters affected)') if bad else None


def _origin(stage: str, place: int, words: str) -> Origin:
    return Origin(STAGES.index(stage), place, words)


def _in_batch(inputs: Any = (), data_samples: Any = (), *args: Any, **kwargs: Any) -> Iterator[Origin]:
    samples = data_samples or ()
    for row, image in enumerate(inputs if isinstance(inputs, Tensor | Sequence) else ()):
        if not all_finite(image):
            yield _origin('input', row, f'the input {row} of the batch{_named(samples, row)}')
    for row, sample in enumerate(samples):
        for field in _TARGETS:
            for key, value in getattr(sample, field, {}).items():
                if not all_finite(value):
                    yield _origin(
                        'target', row, f'the target {key} of the input {row} of the batch{_named(samples, row)}'
                    )


def _named(samples: Sequence[Any], row: int) -> str:
    meta = getattr(samples[row], 'metainfo', {}) if row < len(samples) else {}
    return f' ({meta["img_path"]}, face {meta.get("id")})' if 'img_path' in meta else ''


def _in_parameters(model: nn.Module) -> Iterator[Origin]:
    for name, parameter in model.named_parameters():
        if not all_finite(parameter):
            yield _origin('parameter', 0, f'the parameter {name}, already non-finite before this step')


def _in_call(
    model: nn.Module, buffers: dict[str, Tensor], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Origin | None:
    """The first layer whose output is not finite, or whose input is not although all outputs before were."""
    found: list[Origin] = []
    calls = 0

    def watch(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, named: Any, output: Any) -> None:
            nonlocal calls
            calls += 1
            if found or all_finite(output):
                return
            kind = f'{name} ({type(module).__name__})'
            if all_finite((inputs, named)):
                largest = max((float(t.abs().max()) for t in tensors_of((inputs, named)) if t.numel()), default=0.0)
                words = f'the output of {kind}, whose inputs are finite, at most {largest:.3g}'
            else:
                words = f'the input of {kind}, computed between layers'
            found.append(_origin('layer', calls, words))

        return hook

    with ExitStack() as stack, torch.no_grad():
        for name, module in model.named_modules():
            if module is not model:
                stack.callback(module.register_forward_hook(watch(name), with_kwargs=True).remove)
        losses = functional_call(model, buffers, tuple(args), dict(kwargs))
    bad = [name for name, value in losses.items() if 'loss' in name and not all_finite(value)]
    found += [_origin('loss', 0, f'{name} itself, computed from finite outputs of layers') for name in bad]
    return next(iter(found), None)
