"""Save a checkpoint and stop training at SIGTERM."""

import math
import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from mmengine.dist import all_reduce, barrier, get_world_size, is_main_process
from mmengine.hooks import Hook
from mmengine.optim import OptimWrapperDict
from mmengine.runner import IterBasedTrainLoop, Runner

from mmsepbn.checkpoints.last_checkpoint import POINTER
from mmsepbn.engine.epoch_progress import epoch_began
from mmsepbn.engine.hooks.safe_checkpoint_hook import STOPPED
from mmsepbn.registry import HOOKS
from mmsepbn.whole_file import write_whole

EXIT_STATUS = 128 + signal.SIGTERM
_PATIENCE = 10  # seconds; a signal to a group of processes may reach one of them twice


@HOOKS.register_module()
class StopSignalHook(Hook):
    """At SIGTERM, as of Slurm or ``docker stop``, save the training and end it with exit status 143.

    It stops after the current step, so the resumed run continues with the next one and ends like an uninterrupted one.
    A validation, or a step that only accumulates gradients, is finished first. Several processes decide together, by an
    exchange every ``interval`` steps, and stop at the next step that allows it. Ctrl-C stops at once, or after the next
    step if other code swallows it, as yapf does while MMEngine writes a config.

    A second SIGTERM, 10 s after one that has not ended the training, ends the process at once, as does one after a
    training that an exception has ended.

    Args:
        interval: steps between exchanges; a single process needs none.
    """

    priority = 'LOWEST'  # after the schedules, the average and the log have had their step

    def __init__(self, interval: int = 10) -> None:
        if interval < 1:
            raise ValueError(f'StopSignalHook(interval=) must be at least 1. Got {interval}.')
        self.interval = interval
        self._agreed = self._interrupted = False
        self._signalled: float | None = None  # when
        self._before: dict[int, Any] = {}

    def before_train(self, runner: Runner) -> None:
        """Install the signal handler; Python only allows this in the main thread."""
        self._agreed = self._interrupted = False
        self._signalled = None
        if threading.current_thread() is threading.main_thread():
            for number, listener in ((signal.SIGTERM, self._note_signal), (signal.SIGINT, self._interrupt)):
                before = signal.signal(number, listener)
                earlier = getattr(before, '__self__', None)
                if isinstance(earlier, StopSignalHook):  # of a training that an exception has ended
                    before = earlier._before[number]
                self._before[number] = before

    def after_train(self, runner: Runner) -> None:
        """Remove the signal handler."""
        self._restore()

    def _restore(self) -> None:
        while self._before:
            signal.signal(*self._before.popitem())

    def before_train_epoch(self, runner: Runner) -> None:
        """End between two epochs."""
        self._ask_all()
        if self._agreed:
            self._stop(runner, runner.iter)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: dict[str, Any] | None = None
    ) -> None:
        """End after a step; the last one of an epoch has the epoch's end to come."""
        if self._interrupted:
            raise KeyboardInterrupt
        step = runner.iter + 1
        ends = step >= runner.max_iters
        if not isinstance(runner.train_loop, IterBasedTrainLoop):
            began = epoch_began(runner)
            ends = (batch_idx + 1 if began is None else step - began) >= len(runner.train_dataloader)
        wrapper = runner.optim_wrapper
        gathers = not isinstance(wrapper, OptimWrapperDict) and not wrapper.should_update()
        if get_world_size() == 1 or step % self.interval == 0:
            self._ask_all()
        if self._agreed and not ends and not gathers:
            self._stop(runner, step)

    def _note_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if not _trains(frame) or (self._signalled is not None and now - self._signalled > _PATIENCE):
            self._restore()
            os.kill(os.getpid(), number)
        elif self._signalled is None:
            self._signalled = now

    def _interrupt(self, *_: Any) -> None:
        self._interrupted = True
        raise KeyboardInterrupt

    def _ask_all(self) -> None:
        """Find whether any process has received the signal."""
        signalled = torch.tensor(float(self._signalled is not None))
        all_reduce(signalled, op='max')  # nothing in a run of one process
        self._agreed = bool(signalled)

    def _stop(self, runner: Runner, step: int) -> None:
        self._signalled = math.inf  # no second signal cuts this
        try:
            self._save(runner, step)
        finally:
            self._restore()
        raise SystemExit(EXIT_STATUS)

    def _save(self, runner: Runner, step: int) -> None:
        name = STOPPED.format(step)
        meta = dict(epoch=runner.epoch, iter=step)
        runner.save_checkpoint(
            runner.work_dir, name, meta=meta, by_epoch=False, backend_args=dict(backend='whole_file')
        )
        if is_main_process():
            path = Path(runner.work_dir, name)
            write_whole(Path(runner.work_dir, POINTER), os.fsencode(path))
            runner.logger.info(f'Stopped by a signal: saved {path}; --resume continues from it.')
        barrier()


def _trains(frame: FrameType | None) -> bool:
    """Whether code that a signal has interrupted is part of a training."""
    while frame is not None and frame.f_code is not Runner.train.__code__:
        frame = frame.f_back
    return frame is not None
