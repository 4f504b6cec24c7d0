"""How a command ends if its user, files or settings are at fault."""

import importlib.util
import logging
import os
import re
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError

from mmsepbn.cli.plain_warnings import plain_warnings
from mmsepbn.user_error import UserError

_OF_USERS = (UserError, FileNotFoundError)

# What settings of a config raise deep within MMEngine, MMPose and PyTorch; a fault of the code may be among them.
SETTINGS_ERRORS = (
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


@contextmanager
def readable_errors(*more: type[Exception], interrupted: str = 'Saved files are kept.') -> Iterator[None]:
    """End a command with only the message at a UserError or a missing file, or for ``more`` errors.

    At Ctrl-C it says what ``interrupted`` is. Warnings are shown by :func:`plain_warnings`. What is printed may have
    characters that the output's encoding lacks, such as those of a file name: they are escaped.

    With MMSEPBN_TRACEBACK set in the environment the full traceback is shown. If the code may be at fault, the log file
    of a run always has it.
    """
    if hasattr(sys.stdout, 'reconfigure'):  # it is None where it was closed
        sys.stdout.reconfigure(errors='backslashreplace')
    try:
        with plain_warnings(), _end_at_interrupt(interrupted), _end_at_broken_pipe():
            yield
    except URLError as error:
        raise SystemExit(
            f'error: Weights cannot be fetched: {error}. Give a local file instead of the address.'
        ) from None
    except Exception as error:
        if not isinstance(error, (*_OF_USERS, *more)) or 'MMSEPBN_TRACEBACK' in os.environ:
            raise
        where = '' if isinstance(error, _OF_USERS) else _log_traceback(error)
        raise SystemExit(f'error: {_message(error)}\n(MMSEPBN_TRACEBACK=1 shows where{where})') from None


@contextmanager
def _end_at_interrupt(said: str) -> Iterator[None]:
    """End with exit status 130 at Ctrl-C, even if other code turned it into an error."""
    try:
        yield
    except BaseException as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, KeyboardInterrupt):
            cause = cause.__context__
        if cause is None:
            raise
        print(f'Interrupted. {said}', file=sys.stderr)
        raise SystemExit(128 + signal.SIGINT) from None


@contextmanager
def _end_at_broken_pipe() -> Iterator[None]:
    """End with the status of SIGPIPE where nobody reads standard output any more, as in ``| head``."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        output = select.poll()
        output.register(sys.stdout.fileno(), 0)
        if not any(event & select.POLLERR for _, event in output.poll(0)):
            raise  # another pipe, such as that of a worker
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python writes at its end
        raise SystemExit(128 + signal.SIGPIPE) from None


def _message(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name and '.' not in error.name:
        return (
            f'The package {error.name} is missing. `make env` installs everything that the tools need in .venv; '
            '`. .venv/bin/activate` activates it.'
        )
    message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    # PyTorch puts the whole traceback of a worker of its data loader before the message.
    if message.startswith('Caught '):
        message = message.rpartition(f'{type(error).__name__}: ')[2]
    message = message.strip()
    if missing := _missing_scope(message):
        return missing
    if isinstance(error, AssertionError | AttributeError | LookupError) or not message:  # bare keys, or nothing at all
        message = f'{type(error).__name__}: {message}'.rstrip(' :')
    return message


def _missing_scope(message: str) -> str | None:
    """What to say where MMEngine's registries do not know a type because the package of its scope is not installed."""
    found = re.search(r"(?:^|[ '])((\w+)\.\w+) is not in the \S+ registry", message)
    if found is None or found[2] == '__main__' or importlib.util.find_spec(found[2]) is not None:
        return None
    return f'The package {found[2]} is missing: the config names its {found[1]}.'


def _log_traceback(error: Exception) -> str:
    """Write the traceback to the log file of the current run; returns what to say about it."""
    if 'mmengine' not in sys.modules:
        return ''
    from mmengine.logging import MMLogger

    files = [
        handler for handler in MMLogger.get_current_instance().handlers if isinstance(handler, logging.FileHandler)
    ]
    for handler in files:
        trace = (type(error), error, error.__traceback__)
        handler.emit(logging.LogRecord('mmsepbn', logging.ERROR, __file__, 0, 'The command ended in', (), trace))
    return f', as does {files[0].baseFilename}' if files else ''
