"""Training that ends at the first number that is none, and says where it arose."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from mmengine.dist import all_gather_object, all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.optim import Optimizer

from mmsepbn.checkpoints.fit import unwrapped
from mmsepbn.engine.non_finite import (
    STAGES,
    Origin,
    all_finite,
    first_non_finite,
    non_finite_gradient,
    sums_finite,
    tensors_of,
)
from mmsepbn.engine.non_finite import NonFiniteError as NonFiniteError
from mmsepbn.registry import HOOKS

_UNREPEATED = Origin(len(STAGES), 0, 'unknown, as it did not come again when the step was repeated')
_WINDOW = 50  # updates
_LEAST_SCALE = 1e-8  # 43 halvings of AMP's first scale, where float16 has no gradients left


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Stop training at the first loss or gradient that is not finite, before it reaches the weights; name its origin.

    The paper met NaN for some placements of SepBN in ResNeXt-50 (Table X). Losses and gradients are looked at as the
    optimizer is about to step, so weights and optimizer are still those of the step before and can be examined; the
    losses of an iteration without a step at its end. Gradients that AMP's scaler finds infinite are its own business:
    it leaves the step out and lowers the scale. Where it has left out every one of 50 and its scale is fixed or below
    1e-8, no scale helps: then the last step is repeated without it to name the gradient.

    Several processes decide together and name the earliest origin of all, so that none waits for one that has stopped.

    Each step costs a sum over all gradients, and makes a GPU's host wait once, for losses and gradients together. With
    several processes the wait includes the reduction of one number.

    Raises:
        NonFiniteError: in training, see :func:`first_non_finite`.
    """

    def __init__(self) -> None:
        self._handles: list[Any] = []
        self._calls: list[_Call] = []  # of the model, not looked at yet
        self._taken: int | Tensor = 0  # steps of the optimizers in the window
        self._seen = 0  # iterations of the window

    def before_train(self, runner: Runner) -> None:
        """Watch the model's forward pass and the optimizer's steps."""
        model, scaler = unwrapped(runner.model), _scaler(runner)

        @torch.compiler.disable
        def keep_losses(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
            if module.training and torch.is_grad_enabled() and isinstance(output, Mapping):
                losses = [loss.detach() for key in output if 'loss' in key for loss in tensors_of(output[key])]
                self._calls.append(_Call(losses, module, args, kwargs))

        @torch.compiler.disable
        def look(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
            bad = getattr(optimizer, 'found_inf', None)  # a fused optimizer leaves out AMP's bad steps itself
            self._taken = self._taken + (1 if bad is None else bad == 0)
            grads = [p.grad for group in optimizer.param_groups for p in group['params'] if p.grad is not None]
            checked = bad is not None or scaler is not None  # by the scaler
            self._look(runner, [] if checked else grads)

        self._taken, self._seen, self._calls = 0, 0, []
        self._handles = [model.register_forward_hook(keep_losses, with_kwargs=True)]
        self._handles += [optimizer.register_step_pre_hook(look) for optimizer in _optimizers(runner)]

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: dict[str, Any] | None = None
    ) -> None:
        """Look at the losses where no step was taken; end a training of which AMP's scaler leaves out every step."""
        if self._calls:
            self._look(runner, [])
        scaler = _scaler(runner)
        if scaler is None:
            return
        wrapper = runner.optim_wrapper
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
        """Stop watching."""
        for handle in self._handles:
            handle.remove()

    def _look(self, runner: Runner, grads: list[Tensor]) -> None:
        """Stop if a loss of the calls kept, or a gradient, is not finite."""
        calls, self._calls = self._calls, []
        losses = [call.losses for call in calls]
        if _everywhere(sums_finite([losses, grads])):
            return
        if not _everywhere(sums_finite(losses)):
            origins = [first_non_finite(call.module, *call.args, **call.kwargs) for call in calls]
            unknown = None if all_finite(losses) else _UNREPEATED
            _stop(runner, 'loss', next(filter(None, origins), unknown))
        if grads:
            _stop(runner, 'gradient', non_finite_gradient(unwrapped(runner.model)))


class _Call(NamedTuple):
    """A forward pass of the model, and the losses that came of it."""

    losses: list[Tensor]
    module: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class _Backward:
    """In place of an OptimWrapper: the gradients of a step alone, without a loss scale."""

    def __init__(self, wrapper: OptimWrapper) -> None:
        self.optim_context = wrapper.optim_context

    def update_params(self, loss: Tensor) -> None:
        loss.backward()


def _scaler(runner: Runner) -> Any:
    """The scaler of AMP; None without, or where it is off."""
    scaler = getattr(getattr(runner, 'optim_wrapper', None), 'loss_scaler', None)
    return scaler if scaler is not None and scaler.is_enabled() else None


def _only_scaled(scale: float) -> Origin:
    return Origin(len(STAGES), 0, f'unknown, as it is finite without the loss scale of {scale:.3g}')


def _optimizers(runner: Runner) -> list[Optimizer]:
    wrapper = getattr(runner, 'optim_wrapper', None)
    wrappers = wrapper.values() if isinstance(wrapper, OptimWrapperDict) else [wrapper]
    return [each.optimizer for each in wrappers if isinstance(getattr(each, 'optimizer', None), Optimizer)]


def _everywhere(finite: Tensor) -> bool:
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
