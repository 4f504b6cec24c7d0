"""How a command shows the warnings of this package."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Show warnings for users as ``warning: message``, without the line of our code; those of others as they are."""
    usual = warnings.formatwarning

    def plain(
        message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
    ) -> str:
        if issubclass(category, UserWarning) and _is_ours(filename):
            return f'warning: {message}\n'
        return usual(message, category, filename, lineno, line)

    warnings.formatwarning = plain
    try:
        yield
    finally:
        warnings.formatwarning = usual


def _is_ours(file: str) -> bool:
    """Whether a file of code belongs to the package, or is the command itself."""
    path = os.path.realpath(file)
    return path.startswith(_PACKAGE + os.sep) or path == os.path.realpath(sys.argv[0])
