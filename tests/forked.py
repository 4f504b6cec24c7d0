"""Run scripts as a user does, in processes that have the frameworks imported already, which saves most of the time."""

import gc
import multiprocessing
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

PRELOADED = ('torch', 'mmengine.runner', 'mmsepbn.registry', 'mmpose.apis', 'mmsepbn.models', 'mmsepbn.datasets')


class Done(NamedTuple):
    """What a script came to: exit status, and standard output and error together."""

    status: int
    output: str


def run_forked(script, arguments, folder, environment, timeout=290) -> Done:
    """Run a Python script in ``folder``, as ``python script arguments`` with ``environment`` added would."""
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(list(PRELOADED))
    output = Path(folder) / f'output_{os.urandom(4).hex()}.txt'
    arguments = [str(script), *map(str, arguments)]
    process = context.Process(target=_run, args=(arguments, str(folder), dict(os.environ) | environment, str(output)))
    process.start()
    process.join(timeout)
    if process.is_alive():
        process.kill()
        raise TimeoutError(f'{arguments} ran for more than {timeout} s:\n{output.read_text()[-3000:]}')
    return Done(process.exitcode, output.read_text())


def _run(arguments, folder, environment, output):
    with Path(output).open('w') as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout, sys.stderr = (
        os.fdopen(1, 'w', buffering=1, closefd=False),
        os.fdopen(2, 'w', buffering=1, closefd=False),
    )
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    gc.freeze()  # as in conftest.py
    sys.argv = arguments
    sys.path[0:0] = [str(Path(arguments[0]).parent), *filter(None, environment.get('PYTHONPATH', '').split(':'))]
    multiprocessing.current_process()._config['daemon'] = False  # a script may have workers
    try:
        runpy.run_path(arguments[0], run_name='__main__')
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        raise SystemExit(0 if end.code is None else end.code if isinstance(end.code, int) else 1) from None
    except BaseException:  # noqa: BLE001 - whatever ends a script
        traceback.print_exc()
        raise SystemExit(1) from None
