"""Let Ctrl-C finish the current frame."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noted_interrupt() -> Iterator[Callable[[], bool]]:
    """Within the block the first Ctrl-C is noted, and the second interrupts at once; yields whether there was one.

    At the end of the block the interrupt that was noted is raised. In other threads than the main one, which do not
    get Ctrl-C, nothing changes.

    Raises:
        KeyboardInterrupt: see above.
    """
    noted = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal noted
        if noted:
            raise KeyboardInterrupt
        noted = True

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, note) if main else None
    try:
        yield lambda: noted
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
    if noted:
        raise KeyboardInterrupt
