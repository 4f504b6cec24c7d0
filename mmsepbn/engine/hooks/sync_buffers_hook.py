"""Buffers that all processes share."""

from mmengine import hooks
from mmengine.dist import all_reduce_params
from mmengine.runner import Runner

from mmsepbn.engine.averages import averages_of
from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class SyncBuffersHook(hooks.SyncBuffersHook):
    """MMEngine's hook, which averages the running statistics over all processes, and those that EMAHook has as well.

    EMAHook's averaged weights would be validated with the averaged statistics, but saved with the first process's. In
    training by iterations, whose checkpoints are saved before the validation, they still are.
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
    """Average the buffers of EMAHook's networks over the processes; does nothing in a run of one."""
    for model in averages_of(runner):
        all_reduce_params(model.module.buffers(), op='mean')
