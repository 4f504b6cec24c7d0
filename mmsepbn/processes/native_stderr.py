"""Collect the output of C libraries."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def native_stderr() -> Iterator[list[str]]:
    """Collect the lines that anything in this process writes to standard error within the block; there at its end.

    They are not shown. It concerns all threads, so only one of them may use it at a time.
    """
    lines: list[str] = []
    sys.stderr.flush()
    with tempfile.TemporaryFile() as file:
        shown = os.dup(2)
        try:
            os.dup2(file.fileno(), 2)
            yield lines
        finally:
            sys.stderr.flush()
            os.dup2(shown, 2)
            os.close(shown)
            file.seek(0)
            lines += file.read().decode(errors='replace').splitlines()
