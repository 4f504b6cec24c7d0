"""Stop training at the first non-finite loss or gradient and name where it arose."""

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from mmengine.dist import all_gather_object, all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.optim import Optimizer

from mmsepbn.checkpoints.fit import unwrapped
from mmsepbn.engine.non_finite import (
    STAGES,
    NonFiniteError,
    Origin,
    all_finite,
    first_non_finite,
    non_finite_gradient,
    sums_finite,
)
from mmsepbn.engine.optimizers import wrappers_of
from mmsepbn.registry import HOOKS

_UNREPEATED = Origin(len(STAGES), 0, 'unknown, as it did not recur when the step was repeated')
_WINDOW = 50  # updates
_LEAST_SCALE = 1e-8  # 43 halvings of AMP's first scale, where float16 has no gradients left


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Stop training at the first non-finite loss or gradient, before it reaches the weights, and name its origin.

    The paper reports NaN for two placements of SepBN (docs/analyses.md). The losses are checked after the model's
    forward pass, the gradients just before the optimizer's step, or before they are clipped, as that would spread a NaN
    to all and hide an infinity. So weights and optimizer are still those of the previous step and can be examined.
    Infinite gradients under AMP are left to its scaler, which skips the step and lowers the scale. If it has skipped 50
    steps in a row and its scale is fixed or below 1e-8, no scale helps: then the last step is repeated without it to
    name the gradient.

    Several processes decide together and name the earliest origin of all, so no process waits for a stopped one.

    Each step costs a sum over all gradients, and makes a GPU's host wait twice: for all losses at once and for all
    gradients at once. With several processes each wait includes the reduction of one number.

    Raises:
        NonFiniteError: in training, see :func:`first_non_finite`.
    """

    def __init__(self) -> None:
        self._checks = ExitStack()  # removes them
        self._taken: int | Tensor = 0  # steps of the optimizers in the window
        self._seen = 0  # iterations of the window

    def before_train(self, runner: Runner) -> None:
        """Watch the model's forward pass and the optimizer's steps."""
        model = unwrapped(runner.model)

        @torch.compiler.disable
        def look_at_losses(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
            if not (module.training and torch.is_grad_enabled() and isinstance(output, Mapping)):
                return
            losses = {key: value for key, value in output.items() if 'loss' in key}
            if not _in_all_processes(sums_finite(losses)):  # without gradients the call below is not checked
                origin = first_non_finite(module, *args, **kwargs)
                _stop(runner, 'loss', origin or (None if all_finite(losses) else _UNREPEATED))

        @torch.compiler.disable
        def look_at_gradients(parameters: Sequence[Tensor]) -> None:
            if not _in_all_processes(sums_finite([p.grad for p in parameters if p.grad is not None])):
                _stop(runner, 'gradient', non_finite_gradient(model))

        @torch.compiler.disable
        def look_at_step(checked: bool, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
            bad = getattr(optimizer, 'found_inf', None)  # a fused optimizer leaves out AMP's bad steps itself
            self._taken = self._taken + (1 if bad is None else bad == 0)
            if bad is None and not checked:
                look_at_gradients([p for group in optimizer.param_groups for p in group['params']])

        self._checks.close()  # of a training that ended in an error
        self._taken, self._seen = 0, 0
        self._checks.callback(model.register_forward_hook(look_at_losses, with_kwargs=True).remove)
        for wrapper in wrappers_of(runner).values():
            scaler, clip = _scaler(wrapper), getattr(wrapper, 'clip_func', None)
            if scaler is None and clip is not None:
                wrapper.clip_func = _after(look_at_gradients, clip)
                self._checks.callback(setattr, wrapper, 'clip_func', clip)
            look = functools.partial(look_at_step, scaler is not None or clip is not None)
            self._checks.callback(wrapper.optimizer.register_step_pre_hook(look).remove)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: dict[str, Any] | None = None
    ) -> None:
        """End a training of which AMP's scaler leaves out every step."""
        wrapper = runner.optim_wrapper
        scaler = _scaler(wrapper)
        if scaler is None:
            return
        self._seen += 1
        if self._seen < _WINDOW * wrapper._accumulative_counts:
            return
        taken, self._taken, self._seen = bool(self._taken), 0, 0
        fixed = getattr(wrapper, '_scale_update_param', None) is not None
        if taken or not (fixed or scaler.get_scale() < _LEAST_SCALE):
            return
        wrapper.zero_grad()
        runner.model.train_step(data_batch, optim_wrapper=_Backward(wrapper))
        _stop(runner, 'gradient', non_finite_gradient(unwrapped(runner.model)) or _only_scaled(scaler.get_scale()))

    def after_train(self, runner: Runner) -> None:
        """Remove the checks."""
        self._checks.close()


class _Backward:
    """Instead of an OptimWrapper: only the gradients of a step, without a loss scale."""

    def __init__(self, wrapper: OptimWrapper) -> None:
        self.optim_context = wrapper.optim_context

    def update_params(self, loss: Tensor) -> None:
        loss.backward()


def _after(look: Callable[[Sequence[Tensor]], None], clip: Callable[..., Any]) -> Callable[..., Any]:
    """A function to clip gradients that looks at them first."""

    @functools.wraps(clip)
    def looked_at(parameters: Sequence[Tensor], **settings: Any) -> Any:
        look(parameters)
        return clip(parameters, **settings)

    return looked_at


def _scaler(wrapper: Any) -> Any:
    """The scaler of AMP; None without, or where it is off."""
    scaler = getattr(wrapper, 'loss_scaler', None)
    return scaler if scaler is not None and scaler.is_enabled() else None


def _only_scaled(scale: float) -> Origin:
    return Origin(len(STAGES), 0, f'unknown, as it is finite without the loss scale of {scale:.3g}')


def _in_all_processes(finite: Tensor) -> bool:
    """Whether it is true in every process."""
    if get_world_size() == 1:
        return bool(finite)
    flag = finite.float()
    all_reduce(flag, 'min')
    return bool(flag)


def _stop(runner: Runner, what: str, origin: Origin | None) -> None:
    """Raise the earliest origin of all processes; nothing where none has any, as after a sum that overflowed."""
    origins = [(found, rank) for rank, found in enumerate(all_gather_object(origin)) if found is not None]
    if origins:
        (*_, words), rank = min(origins)
        where = f', process {rank}' if get_world_size() > 1 else ''
        raise NonFiniteError(
            f'The {what} of iteration {runner.iter} (epoch {runner.epoch}{where}) is not finite. First: {words}.'
        )
