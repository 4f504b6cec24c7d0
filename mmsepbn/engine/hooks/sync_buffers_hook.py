"""Buffers that all processes share."""

from mmengine import hooks
from mmengine.dist import all_reduce_params
from mmengine.runner import Runner

from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class SyncBuffersHook(hooks.SyncBuffersHook):
    """MMEngine's hook, which averages the running statistics over all processes, and those that EMAHook has as well.

    EMAHook's averaged weights would be validated with the averaged statistics, but saved with the first process's.
    """

    def before_val_epoch(self, runner: Runner) -> None:
        """Average where no epoch has ended since the last validation, as in training by iterations."""
        if not self.called_in_train:
            _average(runner)
        super().before_val_epoch(runner)

    def after_train_epoch(self, runner: Runner) -> None:
        """Average before the checkpoint is saved."""
        _average(runner)
        super().after_train_epoch(runner)


def _average(runner: Runner) -> None:
    """Nothing in a run of one process."""
    for hook in runner.hooks:
        if isinstance(hook, hooks.EMAHook):
            all_reduce_params(hook.ema_model.module.buffers(), op='mean')
