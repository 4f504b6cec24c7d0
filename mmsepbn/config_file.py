"""Read a config file; errors are one line. What it is called."""

import os
import shlex
import sysconfig
import traceback
from collections.abc import Container
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmsepbn.config_walk import walk
from mmsepbn.option_error import OptionError

_READERS = ('_file2dict', '_parse_lazy_import', '_is_lazy_import')  # functions of Config that read ``filename``


def read_config(path: str | Path) -> Config:
    """The config of a file, of MMEngine's old style or its new one.

    Raises:
        OptionError: there is no such file, it cannot be read as a config, or it is a table of runs; the message names
            the file, or the base or the user's module that is at fault, and where it can the line.
    """
    if not Path(path).is_file():
        raise OptionError(f'There is no config file {path}.')
    try:
        config = Config.fromfile(path)
        for _ in walk(dict(config.items())):
            pass  # MMEngine imports what a config of the new style names when it is looked at
    except Exception as error:  # a config is Python code, which may raise anything
        raise OptionError(_reason(error, str(path))) from error
    if {'base', 'rows'} <= config.keys():
        raise OptionError(f'{path} is a table of runs, not a config: run tools/run_table.py {shlex.quote(str(path))}')
    return config


def config_name(path: str | Path) -> str:
    """The path of a config below the nearest folder named ``configs``, without the suffix.

    So configs of one name in several folders have names of their own. A config outside of any ``configs`` goes by its
    name alone, as with MMPose's tools.
    """
    whole = Path(os.path.abspath(path))  # not resolved: a link is a config of its own
    folders = whole.parts[:-1]
    below = len(folders) - folders[::-1].index('configs') if 'configs' in folders else len(folders)
    return '/'.join((*folders[below:], whole.stem))


def use_scope(config: Config) -> None:
    """Take types without a scope from the config's default scope, or else from the one that a Runner takes."""
    init_default_scope(config.get('default_scope') or 'mmengine')


def _own_module(error: BaseException, configs: Container[str]) -> str | None:
    """File and line in the user's module whose import raised the error; None: there is none."""
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    modules = [code.co_filename for code, _ in frames if code.co_name == '<module>']
    own = [name for name in modules if name not in configs and _is_of_the_user(name)]
    if own:
        return f'{own[-1]}:{[line for code, line in frames if code.co_filename == own[-1]][-1]}'
    inner = error.__cause__ or error.__context__  # MMEngine puts errors of its own around
    return _own_module(inner, configs) if inner else None


def _is_of_the_user(file: str | None) -> bool:
    """Whether a file exists and is neither Python's, nor an installed package's, nor of this package."""
    if not file or not Path(file).is_file() or {'site-packages', 'dist-packages'} & set(Path(file).parts):
        return False
    ours = (Path(__file__).parent, sysconfig.get_path('stdlib'))
    return not any(Path(file).is_relative_to(folder) for folder in ours)


def _reason(error: Exception, path: str) -> str:
    frames = list(traceback.walk_tb(error.__traceback__))
    files = [frame.f_locals.get('filename') for frame, _ in frames if frame.f_code.co_name in _READERS]
    file = next((str(name) for name in reversed(files) if name), path)
    lines: list[int | None] = [line for frame, line in frames if frame.f_code.co_filename == file]
    message = f'{type(error).__name__}: {error}'
    if isinstance(error, ImportError) and error.__cause__:  # custom_imports: MMEngine adds the whole sys.path
        message = (
            f'ImportError: {error.__cause__.__context__ or error.__cause__} (PYTHONPATH=. finds modules of this folder)'
        )
    if isinstance(error, SyntaxError):
        # MMEngine puts an error with the name of its copy of the file around Python's own.
        own = error.__context__ if isinstance(error.__context__, SyntaxError) else error
        lines, message = [own.lineno], f'SyntaxError: {own.msg}'
        if own.filename != file and _is_of_the_user(own.filename):
            return f'{own.filename}:{own.lineno}: cannot be imported by {path}: {message}'
    if module := _own_module(error, {path, *map(str, files)}):
        return f'{module}: cannot be imported by {path}: {" ".join(message.split())}'
    place = f'{file}:{lines[-1]}' if lines and lines[-1] else file
    return f'{place}: this is not a config: {" ".join(message.split())}'
