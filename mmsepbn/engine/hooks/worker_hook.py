"""Loader processes that end with the run, and send batches in few pieces."""

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader

from mmsepbn.processes.batch_transport import pack_batches
from mmsepbn.processes.loader_worker import end_workers_with_parent
from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class WorkerHook(Hook):
    """Tie the workers of all loaders to the run's process and let them send batches whole.

    See :func:`end_workers_with_parent` and :func:`pack_batches`.
    """

    def before_run(self, runner: Runner) -> None:
        """Set them up before they start."""
        for loop in (runner._train_loop, runner._val_loop, runner._test_loop):
            if isinstance(loop, BaseLoop) and isinstance(loop.dataloader, DataLoader):
                end_workers_with_parent(loop.dataloader)
                pack_batches(loop.dataloader)
