"""Training that ends at the first number that is none, and says where it arose."""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.dist import all_gather_object, all_reduce, get_world_size
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapperDict
from mmengine.runner import Runner
from torch import Tensor, nn
from torch.optim import Optimizer

from mmsepbn.checkpoints.fit import unwrapped
from mmsepbn.engine.non_finite import STAGES, Origin, all_finite, first_non_finite, non_finite_gradient, sums_finite
from mmsepbn.engine.non_finite import NonFiniteError as NonFiniteError
from mmsepbn.registry import HOOKS

_UNREPEATED = Origin(len(STAGES), 0, 'unknown, as it did not come again when the step was repeated')


@HOOKS.register_module()
class FiniteLossHook(Hook):
    """Stop training at the first loss or gradient that is not finite, before it reaches the weights; name its origin.

    The paper met NaN for some placements of SepBN in ResNeXt-50 (Table X). The losses are looked at as they leave the
    model's forward, the gradients as the optimizer is about to step, so weights and optimizer are still those of the
    step before and can be examined. Gradients that AMP's scaler finds infinite are its own business: it leaves the step
    out and lowers the scale.

    Several processes decide together and name the earliest origin of all, so that none waits for one that has stopped.

    Each step costs a sum over all gradients, and makes a GPU's host wait twice: for all losses at once and for all
    gradients at once. With several processes each wait includes the reduction of one number.

    Raises:
        NonFiniteError: in training, see :func:`first_non_finite`.
    """

    def __init__(self) -> None:
        self._handles: list[Any] = []

    def before_train(self, runner: Runner) -> None:
        """Watch the model's forward pass and the optimizer's steps."""
        model = unwrapped(runner.model)

        @torch.compiler.disable
        def look_at_losses(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
            if not (module.training and torch.is_grad_enabled() and isinstance(output, Mapping)):
                return
            losses = {key: value for key, value in output.items() if 'loss' in key}
            if not _everywhere(sums_finite(losses)):  # without gradients the call below is not looked at
                origin = first_non_finite(module, *args, **kwargs)
                _stop(runner, 'loss', origin or (None if all_finite(losses) else _UNREPEATED))

        @torch.compiler.disable
        def look_at_gradients(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
            if getattr(optimizer, 'found_inf', None) is not None:  # a fused optimizer leaves out AMP's bad steps itself
                return
            grads = [p.grad for group in optimizer.param_groups for p in group['params'] if p.grad is not None]
            if not _everywhere(sums_finite(grads)):
                _stop(runner, 'gradient', non_finite_gradient(model))

        self._handles = [model.register_forward_hook(look_at_losses, with_kwargs=True)]
        self._handles += [optimizer.register_step_pre_hook(look_at_gradients) for optimizer in _optimizers(runner)]

    def after_train(self, runner: Runner) -> None:
        """Stop watching."""
        for handle in self._handles:
            handle.remove()


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
