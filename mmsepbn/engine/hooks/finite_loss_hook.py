"""Training that ends at the first number that is none, and says where it arose."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn

from mmsepbn.registry import HOOKS


class NonFiniteError(ValueError):
    """The loss is NaN or infinite; the message names the first parameter or layer that is."""


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


def first_non_finite(model: nn.Module, *args: Any, **kwargs: Any) -> str:
    """Where numbers stop being finite in ``model(*args, **kwargs)``, in words.

    A parameter or buffer that is not finite comes first: then the update before ruined it. Otherwise the first module
    in the order of execution whose inputs are finite and whose output is not.
    """
    for kind, named in (('parameter', model.named_parameters()), ('buffer', model.named_buffers())):
        for name, value in named:
            if not all_finite(value):
                return f'the {kind} {name}, so the update before this step made it so'
    found: list[str] = []

    def check(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            if not found and all_finite(inputs) and not all_finite(output):
                largest = max((float(t.abs().max()) for t in tensors_of(inputs)), default=float('nan'))
                found.append(
                    f'the output of {name} ({type(module).__name__}), whose inputs are finite, at most {largest:.3g}'
                )

        return hook

    with ExitStack() as stack, torch.no_grad():
        for name, module in model.named_modules():
            handle = module.register_forward_hook(check(name or 'the model'))
            stack.callback(handle.remove)
        model(*args, **kwargs)
    return found[0] if found else 'the loss itself'


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Stop training at the first loss that is not finite, before it reaches the weights, and name its origin.

    The paper met NaN for some placements of SepBN in ResNeXt-50 (Table X). The losses are looked at as they leave the
    model's forward, so weights and optimizer are still those of the step before and can be examined; MMEngine reads
    them for its log at every iteration anyway, so this costs no further synchronization.

    Raises:
        NonFiniteError: in training, see :func:`first_non_finite`.
    """

    def before_train(self, runner: Runner) -> None:
        """Watch the model's forward pass."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model

        def watch(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
            if module.training and torch.is_grad_enabled() and isinstance(output, Mapping) and not all_finite(output):
                self._handle.remove()
                origin = first_non_finite(module, *args, **kwargs)
                raise NonFiniteError(
                    f'The loss of iteration {runner.iter} (epoch {runner.epoch}) is not finite. First: {origin}.'
                )

        self._handle = model.register_forward_hook(watch, with_kwargs=True)

    def after_train(self, runner: Runner) -> None:
        """Stop watching."""
        self._handle.remove()
