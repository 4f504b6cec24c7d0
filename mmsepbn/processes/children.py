"""Processes that end with the one that started them, whichever way it ends."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any, NoReturn

GRACE = 20.0  # seconds between the stop signal and the kill: a training saves a checkpoint in between
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Within the block Ctrl-C and SIGTERM raise SystemExit, with status 130 and 143; further ones change nothing."""
    if threading.current_thread() is not threading.main_thread():  # others cannot listen to signals
        yield
        return

    def end(number: int, frame: FrameType | None) -> NoReturn:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        os.write(2, f'{signal.Signals(number).name}: no new runs start, those in progress are stopped.\n'.encode())
        raise SystemExit(128 + number)

    before = {each: signal.signal(each, end) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def start_child(target: Callable[..., None], *args: Any) -> BaseProcess:
    """Start a process, which calls :func:`end_with_parent` first; see there."""
    process = multiprocessing.get_context('spawn').Process(target=_child, args=(target, *args))
    # Ctrl-C in a terminal reaches all processes. The child never gets it; its parent ends it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return process


def end_children(processes: Iterable[BaseProcess], grace: float = GRACE) -> None:
    """Ask processes to end, and kill those that are still running after ``grace`` seconds."""
    processes = list(processes)
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + grace
    for process in processes:
        process.join(max(0.0, deadline - time.monotonic()))
        process.kill()
        process.join()


def end_with_parent() -> None:
    """From now on this process ends when its parent is gone, at the latest ``GRACE`` seconds later."""
    parent = multiprocessing.parent_process()
    if parent is None:
        raise RuntimeError('end_with_parent() is for processes that multiprocessing started.')

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(128 + signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _child(target: Callable[..., None], *args: Any) -> None:
    end_with_parent()
    target(*args)
