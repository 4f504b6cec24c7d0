"""Tie the workers of a data loader to the process that started them."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType

from torch.utils.data import DataLoader

_INTERVAL = 1.0  # seconds between two looks at the parent


def end_workers_with_parent(loader: DataLoader) -> None:
    """Tie the workers that ``loader`` starts from now on to this process; a second call changes nothing.

    A worker whose process was killed may wait for ever on a pipe that other workers hold open, and Slurm sends its
    SIGTERM to them too, while the process still needs them to save a checkpoint.
    """
    init = loader.worker_init_fn
    if not (isinstance(init, partial) and init.func is _start):
        loader.worker_init_fn = partial(_start, init)


def _start(init: Callable[[int], None] | None, worker: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it too, and it would print a traceback
    sys.excepthook = _print_unless_interrupted
    if init is not None:
        init(worker)
    if hasattr(signal, 'sigtimedwait'):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _print_unless_interrupted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print a traceback, but not of the thread that hands tensors over when its process stops in the middle of it."""
    if not issubclass(kind, ConnectionError | EOFError):
        sys.__excepthook__(kind, error, trace)


def _watch(parent: int) -> None:
    """End this process when its parent is gone or sends SIGTERM; SIGTERM from others is ignored."""
    while os.getppid() == parent:
        if hasattr(signal, 'sigtimedwait'):
            told = signal.sigtimedwait({signal.SIGTERM}, _INTERVAL)
            if told is not None and told.si_pid == parent:
                break
        else:
            time.sleep(_INTERVAL)
    os._exit(0)
