"""The imports of a command: what they raise is said readably, and what they leave is not searched for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from mmsepbn.cli.errors import readable_errors


@contextmanager
def imports() -> Iterator[None]:
    """Import within it what the whole command needs.

    What torch, MMEngine and MMPose import lives as long as the process, but Python's collector went through all of it
    again and again, and once more at the end: a third of the time of a command that tests a small network.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        with readable_errors(ImportError):
            yield
        gc.freeze()
    finally:
        if collecting:
            gc.enable()
