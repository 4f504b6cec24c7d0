"""Loader processes that do not outlive the run, and send batches whole."""

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner
from torch.utils.data import DataLoader

from mmsepbn.processes.batch_transport import send_whole
from mmsepbn.processes.loader_worker import tie_workers
from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class WorkerHook(Hook):
    """Tie the workers of all loaders to the run's process and let them send batches whole.

    See :func:`tie_workers` and :func:`send_whole`.
    """

    def before_run(self, runner: Runner) -> None:
        """Set them up before they start."""
        for loop in (runner._train_loop, runner._val_loop, runner._test_loop):
            if isinstance(loop, BaseLoop) and isinstance(loop.dataloader, DataLoader):
                tie_workers(loop.dataloader)
                send_whole(loop.dataloader)
