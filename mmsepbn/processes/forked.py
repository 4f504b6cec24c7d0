"""Call methods in a child process, which may crash or hang without harm to the caller."""

import multiprocessing
import os
import signal
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import cv2
import torch


class ForkedError(RuntimeError):
    """A call raised an error, which the message holds in one line, or took too long."""


class ForkedCrashError(ForkedError):
    """The process of a call has crashed or was killed; the message says by which signal."""


class ForkedCalls:
    """Calls methods of an object in a forked process, where the object keeps what they change. A context manager.

    The process starts with the first call, from the object's current state, and again with the first call after a
    crash. It is a fork, as starting Python and importing PyTorch takes longer than most calls.

    Args:
        target: whose methods are called.
        timeout: seconds after which a call is given up.
    """

    def __init__(self, target: object, timeout: float) -> None:
        self._target, self._timeout = target, timeout
        self._running: tuple[BaseProcess, Connection] | None = None

    def __call__(self, method: str, *args: Any) -> Any:
        """What ``method`` of the object returns; arguments and result go through a pipe, so they are plain data.

        Raises:
            ForkedError: the method did, or no answer comes.
        """
        process, pipe = self._running = self._running or _start(self._target)
        try:
            pipe.send((method, args))
            if not _has_answer(process, pipe, self._timeout):
                self.close()
                raise ForkedError(f'no answer within {self._timeout:g} seconds')
            good, answer = pipe.recv()
        except (EOFError, ConnectionError):
            process.join(5)
            code = process.exitcode
            self.close()
            end = f'signal {-code}' if code is not None and code < 0 else f'exit status {code}'
            raise ForkedCrashError(f'crashed ({end})') from None
        if not good:
            raise ForkedError(answer)
        return answer

    def __enter__(self) -> 'ForkedCalls':
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and all that it has started."""
        if self._running is not None:
            process, pipe = self._running
            self._running = None
            pipe.close()
            _end_group(process)


def _start(target: object) -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context('fork')
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(target, theirs, ours))
    process.start()
    theirs.close()
    _lead_group(process.pid)  # here and there, as either may be first
    return process, ours


def _serve(target: object, pipe: Connection, other_end: Connection) -> None:
    other_end.close()  # so that reading ends when the parent does
    _lead_group(os.getpid())
    torch.set_num_threads(1)  # pools of threads do not live on in a fork
    cv2.setNumThreads(0)
    with suppress(EOFError, ConnectionError):
        while True:
            method, args = pipe.recv()
            try:
                answer = True, getattr(target, method)(*args)
            except Exception as error:  # noqa: BLE001 what is called may be anybody's
                answer = False, one_line(error)
            pipe.send(answer)


def one_line(error: Exception) -> str:
    """An error in one line. Those that speak of what a user gave are a sentence, others begin with their class."""
    text = '; '.join(filter(None, map(str.strip, str(error).splitlines()))).replace(':; ', ': ')
    return text if text and isinstance(error, ValueError | OSError) else f'{type(error).__name__}: {text}'


def _has_answer(process: BaseProcess, pipe: Connection, timeout: float) -> bool:
    """Whether there is something to read in time; EOFError where the process is gone.

    Its own children may outlive it and keep the pipe open, so checking the pipe is not enough.
    """
    end = time.monotonic() + timeout
    while not pipe.poll(min(1.0, max(0.0, end - time.monotonic()))):
        if not process.is_alive():
            raise EOFError
        if time.monotonic() >= end:
            return False
    return True


def _lead_group(pid: int | None) -> None:
    if pid is not None:
        with suppress(OSError):
            os.setpgid(pid, pid)


def _end_group(process: BaseProcess) -> None:
    if process.pid is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.join()
