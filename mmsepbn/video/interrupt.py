"""Let Ctrl-C finish the current frame."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def noted_interrupt() -> Iterator[Callable[[], bool]]:
    """Within the block the first Ctrl-C is noted, and the second interrupts at once; yields whether there was one.

    At the end of the block the interrupt that was noted is raised. Blocks may end in any order, as those of generators
    do. In other threads than the main one, which do not get Ctrl-C, nothing changes.

    Raises:
        KeyboardInterrupt: see above.
    """
    noted = ended = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal noted
        if noted or ended:  # a block that ended later has put it back
            raise KeyboardInterrupt
        noted = True

    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, note) if main else None
    try:
        yield lambda: noted
    finally:
        ended = True
        if main and signal.getsignal(signal.SIGINT) is note:  # else another block has its own
            signal.signal(signal.SIGINT, before)
    if noted:
        raise KeyboardInterrupt
