import itertools
import json
import sys

import pytest
import torch
from helpers import ROOT

from benchmarks.gpu import parts
from benchmarks.gpu.loading import faces_a_second
from benchmarks.gpu.options import Options
from benchmarks.gpu.ratios import _SETTINGS, _by_urgency
from benchmarks.speed.layers import Setting

CHECK = ROOT / 'benchmarks' / 'gpu_check.py'


@pytest.fixture
def options(tmp_path):
    return Options(torch.device('cpu'), quick=True, faces=tmp_path / 'faces', out=tmp_path)


def test_a_part_that_fails_or_hangs_is_recorded_and_the_others_go_on(options, monkeypatch):
    codes = dict(
        loading="print('no faces'); raise SystemExit(1)", layers='import time; time.sleep(600)', networks='print(1)'
    )
    monkeypatch.setattr(parts, '_command', lambda name, *_: [sys.executable, '-c', codes[name]])
    monkeypatch.setattr(parts, 'SHARES', dict(loading=1.0, layers=0.0, networks=1.0))
    monkeypatch.setattr(parts, '_GRACE', 2.0)
    kept = []
    assert not parts.run_parts(
        list(codes), options, 600, lambda states: kept.append(len(states)) or kept.append(states)
    )
    assert kept[::2] == [1, 2, 3]
    states = kept[-1]
    assert {name: state['state'] for name, state in states.items()} == dict(
        loading='failed', layers='stopped', networks='done'
    )
    assert states['loading']['log'] == 'no faces\n'
    assert 'log' not in states['networks']


def test_the_time_is_shared_by_the_parts_that_are_asked_for(options, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr('benchmarks.gpu.parts.time.monotonic', lambda: clock[0])
    shares = {}

    def run(name, _, share):
        shares[name] = round(share, 6)
        clock[0] += share / 2
        return dict(state='done', seconds=share / 2)

    monkeypatch.setattr(parts, '_in_a_process', run)
    assert parts.run_parts(['layers'], options, 450, lambda _: None)
    assert shares == dict(layers=440)
    monkeypatch.setattr(parts, 'SHARES', dict(tests=0.5, layers=0.25, training=0.25))
    clock[0] = 0.0
    assert parts.run_parts(list(parts.SHARES), options, 410, lambda _: None)
    assert shares == dict(tests=200, layers=150, training=225)  # what a part leaves goes to all behind it


def test_rows_without_time_are_counted(options, monkeypatch, capsys):
    write = f'import pathlib; pathlib.Path({str(options.out / "layers.json")!r}).write_text(\'{{"left_out": [1, 2]}}\')'
    monkeypatch.setattr(parts, '_command', lambda *_: [sys.executable, '-c', write])
    states = {}
    assert parts.run_parts(['layers'], options, 600, states.update)
    assert (states['layers']['state'], states['layers']['left_out']) == ('partly', 2)
    assert 'layers: 2 rows left out after ' in capsys.readouterr().out


def test_a_compiled_row_comes_early_and_every_row_once():
    rows = list(_by_urgency(_SETTINGS, 'ab'))
    assert rows[:3] == [(Setting(), 'a', True), (Setting(compiled=True), 'a', True), (Setting(), 'a', False)]
    assert len(rows) == len(set(rows)) == 8 * 2 * 2


def test_outcomes_of_tests_are_read_from_what_pytest_prints(options, monkeypatch):
    lines = ['tests/gpu/test_a.py::test_b[x, y] PASSED  [ 50%]', 'tests/gpu/test_a.py::test_c FAILED  [100%]', 'other']
    monkeypatch.setattr(parts, '_tests', lambda _: [sys.executable, '-c', f'print({chr(10).join(lines)!r}); 1 // 0'])
    states = {}
    assert not parts.run_parts(['tests'], options, 600, states.update)
    assert states['tests']['outcomes'] == {
        'tests/gpu/test_a.py::test_b[x, y]': 'PASSED',
        'tests/gpu/test_a.py::test_c': 'FAILED',
    }


def test_faces_per_second_by_hand(options, monkeypatch):
    clock = itertools.count()  # asked once a step from the second on, and at the end
    monkeypatch.setattr('benchmarks.gpu.loading.time.perf_counter', lambda: next(clock))
    steps = []
    # It begins at 0 behind two steps and goes on until more than 3 s are over, at 4; the end is asked for at 5.
    assert faces_a_second(steps.append, itertools.count(), 8, 3.0, options) == 4 * 8 / 5
    assert steps == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ('arguments', 'message'),
    [
        (['--device', 'abacus'], "--device must be one of torch. Got 'abacus'."),
        (['--device', 'cpu', '--minutes', '-1'], '--minutes must be above 0. Got -1.0.'),
        (['--device', 'cpu', '--faces', 'nowhere'], '--faces must be a folder. Got nowhere.'),
    ],
)
def test_mistakes_are_one_line(arguments, message, monkeypatch, tmp_path):
    from benchmarks.gpu.command import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, 'argv', ['gpu_check.py', *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert str(end.value).startswith(f'error: {message}')


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_check_runs_on_a_cpu(run_tool, tmp_path):
    """And a part that fails is named at the end."""
    output = run_tool('benchmarks/gpu_check.py', '--device', 'cpu', '--quick', '--minutes', 60, '--out', 'out')
    summary = json.loads((tmp_path / 'out' / 'summary.json').read_text())
    assert {name: state['state'] for name, state in summary['parts'].items()} == dict.fromkeys(parts.SHARES, 'done')
    assert set(summary['parts']['tests']['outcomes'].values()) == {'PASSED'}
    rows = {
        name: json.loads((tmp_path / 'out' / f'{name}.json').read_text())['rows']
        for name in parts.SHARES
        if name != 'tests'
    }
    assert all(row['ratios']['SepBN'] > 0 for row in rows['layers'] + rows['networks'])
    assert [(row['workers'], row['cache']) for row in rows['loading']] == [(None, False), (1, False), (1, True)]
    assert [row['row'] for row in rows['training']] == ['BN', 'BN, control', 'SepBN']
    assert all(0 < row['metrics']['test']['300w/NME'] < 200 for row in rows['training'])
    assert 'training: done' in output
