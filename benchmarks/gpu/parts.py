"""The parts of the check, each in a process of its own that ends when its share of time does."""

import json
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
# Shares of the time. What a part does not need goes to those after it.
SHARES = {'tests': 0.4, 'layers': 0.12, 'networks': 0.14, 'loading': 0.12, 'training': 0.22}
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
    """Run parts one after the other, each with its share of the seconds; whether none failed or was stopped.

    ``keep`` gets what became of them after each: ``state`` ``done``, ``partly`` where there was no time for rows
    (``left_out`` says how many), ``failed`` or ``stopped`` at the end of its share; seconds; for tests their outcomes;
    and the end of the log of a part that failed or was stopped.
    """
    end, states = time.monotonic() + seconds, {}
    for place, name in enumerate(names):
        left = max(end - time.monotonic() - _GRACE, 0.0)
        share = left * SHARES[name] / sum(SHARES[each] for each in names[place:])
        print(f'{name}: at most {share:.0f} s', flush=True)
        states[name] = row = _in_a_process(name, options, share)
        said = f'{row["left_out"]} rows left out' if row['state'] == 'partly' else row['state']
        print(f'{name}: {said} after {row["seconds"]:.0f} s', flush=True)
        keep(states)
    return all(state['state'] in ('done', 'partly') for state in states.values())


def _in_a_process(name: str, options: Options, share: float) -> Row:
    log, start = options.out / f'{name}.log', time.monotonic()
    with log.open('w') as output:
        process = subprocess.Popen(
            _tests(options) if name == 'tests' else _command(name, options, share),
            cwd=ROOT,
            env=os.environ | dict(MMSEPBN_TEST_DEVICE=str(options.device)),
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
    if state != 'done':
        return {**row, 'log': text[-4000:]}
    left_out = _left_out(options.out / f'{name}.json')
    return {**row, 'state': 'partly', 'left_out': left_out} if left_out else row


def _left_out(figures: Path) -> int:
    """Rows for which a part had no time."""
    return len(json.loads(figures.read_text())['left_out']) if figures.exists() else 0


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
