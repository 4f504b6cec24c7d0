"""Let Ctrl-C finish the current frame."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_noted: dict[object, bool] = {}  # the blocks that have begun: whether there was a Ctrl-C
_before: Any = None  # the handler that was there before the first of them


@contextmanager
def noted_interrupt() -> Iterator[Callable[[], bool]]:
    """Within the block the first Ctrl-C is noted, and the second interrupts at once; yields whether there was one.

    At the end of the block the interrupt that was noted is raised. Blocks may end in any order, as those of generators
    do. In other threads than the main one, which do not get Ctrl-C, nothing changes.

    Raises:
        KeyboardInterrupt: see above.
    """
    global _before
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    block = object()
    if not _noted:
        _before = signal.signal(signal.SIGINT, _note)
    _noted[block] = False
    try:
        yield lambda: _noted[block]
    finally:
        noted = _noted.pop(block)
        if not _noted:
            signal.signal(signal.SIGINT, _before)
    if noted:
        raise KeyboardInterrupt


def _note(number: int, frame: FrameType | None) -> None:
    if any(_noted.values()):
        raise KeyboardInterrupt
    _noted.update(dict.fromkeys(_noted, True))
