"""The parts of the check, each in a process of its own that ends when its share of time does."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.gpu.loading import faces_per_second
from benchmarks.gpu.options import Options
from benchmarks.gpu.ratios import layer_ratios, network_ratios
from benchmarks.gpu.training import train_rows
from benchmarks.speed.report import Report, Row

ROOT = Path(__file__).resolve().parents[2]
# Shares of the time. What a part does not need goes to the last one, which has all that is left.
SHARES = {'tests': 0.28, 'layers': 0.1, 'networks': 0.2, 'loading': 0.2, 'training': 1.0}
_MEASURES: Mapping[str, Callable[[Report, Options], None]] = {
    'layers': layer_ratios,
    'networks': network_ratios,
    'loading': faces_per_second,
    'training': train_rows,
}
_GRACE = 10.0  # seconds beyond its share after which a part is stopped
_OUTCOME = re.compile(r'^(\S+::.+?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b', re.MULTILINE)


def run_part(name: str, options: Options, until: float) -> bool:
    """Measure a part of figures in this process until ``time.monotonic()`` says so; whether all went well."""
    report = Report(options.out / f'{name}.json', until - time.monotonic())
    _MEASURES[name](report, options)
    return not report.failed


def run_parts(
    names: Sequence[str], options: Options, seconds: float, keep: Callable[[Mapping[str, Row]], None]
) -> bool:
    """Run parts one after the other, each with its share of the seconds; whether all went well.

    ``keep`` gets what became of them after each: ``state`` ``done``, ``failed`` or ``stopped`` at the end of its share,
    seconds, for tests their outcomes, and the end of the log of a part that is not done.
    """
    end, states = time.monotonic() + seconds, {}
    for name in names:
        share = min(SHARES[name] * seconds, max(end - time.monotonic() - _GRACE, 0.0))
        print(f'{name}: at most {share:.0f} s', flush=True)
        states[name] = _in_a_process(name, options, share)
        print(f'{name}: {states[name]["state"]} after {states[name]["seconds"]:.0f} s', flush=True)
        keep(states)
    return all(state['state'] == 'done' for state in states.values())


def _in_a_process(name: str, options: Options, share: float) -> Row:
    log, start = options.out / f'{name}.log', time.monotonic()
    with log.open('w') as output:
        process = subprocess.Popen(
            _tests(options) if name == 'tests' else _command(name, options, share),
            cwd=ROOT,
            env=os.environ | dict(MMSEPBN_TEST_DEVICE=options.device.type),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            state = 'failed' if process.wait(share + _GRACE) else 'done'
        except subprocess.TimeoutExpired:
            state = 'stopped'
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # workers too
                process.wait()
    text = log.read_text(errors='replace')
    row: Row = dict(state=state, seconds=round(time.monotonic() - start, 1))
    if name == 'tests':
        row['outcomes'] = dict(_OUTCOME.findall(text))
    return row if state == 'done' else {**row, 'log': text[-4000:]}


def _tests(options: Options) -> list[str]:
    chosen = ['tests/gpu/test_networks.py', '-k', 'SepBN'] if options.quick else ['tests/gpu']
    return [sys.executable, '-m', 'pytest', *chosen, '-m', 'gpu', '-vv', '-p', 'no:cacheprovider']


def _command(name: str, options: Options, share: float) -> list[str]:
    script, quick = str(ROOT / 'benchmarks' / 'gpu_check.py'), ['--quick'] if options.quick else []
    until = time.monotonic() + share  # the system's clock; importing torch may take ten seconds of it
    named = {'parts': name, 'until': until, 'device': options.device, 'faces': options.faces, 'out': options.out}
    return [
        sys.executable,
        script,
        *quick,
        *(word for key, value in named.items() for word in (f'--{key}', str(value))),
    ]
