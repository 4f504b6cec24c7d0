import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.model import PretrainedInit
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS

from mmsepbn.experiments.known_rows import known_rows, marked
from mmsepbn.experiments.record import RecordError, RunName
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.results import write_results
from mmsepbn.experiments.run import settle, settle_all, settle_rows
from mmsepbn.experiments.schedule import RunError, raise_failures, run_tables
from mmsepbn.experiments.summary import summary_markdown
from mmsepbn.experiments.table import Row, Step, Table, TableError, read_table
from mmsepbn.experiments.train_and_measure import multiply_accumulates, plain_numbers, training_curve
from mmsepbn.option_error import OptionError
from mmsepbn.processes.folder_lock import FolderInUseError, folder_lock

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'


def settled(tmp_path, options=None, seed=0, before=None, out='runs', row='tiny'):
    number = 1 if before is None else 2
    records = Records(tmp_path / 'records')
    return settle(Step(TINY, options or {}, 'tables', row, number), seed, tmp_path / out, records, before)


def record_of(run, epochs=4, **metrics):
    """A record as it is read again."""
    settings = json.loads(json.dumps(run.settings))
    return dict(
        **asdict(run.name), metrics=metrics, attention={}, curve=[1.0] * epochs, parameters=1, macs=1, config=settings
    )


@contextmanager
def said():
    """Lines of what is logged, in a list."""
    lines = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    logger = MMLogger.get_current_instance()
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def test_a_run_is_named_by_what_it_is(tmp_path, synthetic_faces, monkeypatch):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    first = settled(tmp_path, seed=3)
    second = settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}, seed=3, before=first)
    assert (first.name, second.name) == (RunName('tables', 'tiny', 1, 3), RunName('tables', 'tiny', 2, 3))
    assert first.folder == tmp_path / 'runs' / 'tables' / 'tiny-s3'
    assert second.config.load_from == str(first.checkpoint) == str(first.folder / 'epoch_4.pth')
    assert second.config.randomness.seed == 3
    assert str(synthetic_faces) in second.config.train_dataloader.dataset.data_root
    assert str(synthetic_faces) not in json.dumps(second.settings)
    assert settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}, before=settled(tmp_path)).settings == second.settings


def test_values_that_rows_share_stay_as_they_are(tmp_path):
    norm = dict(_delete_=True, type='mmsepbn.SepBN', num_routes=3, num_groups=1)
    options = {'model.backbone.norm_cfg': norm, 'model.backbone.norm_cfg.num_routes': 2}
    assert settled(tmp_path, options).config.model.backbone.norm_cfg.num_routes == 2
    assert norm['num_routes'] == 3


def test_a_step_after_another_fetches_no_pretrained_weights(tmp_path):
    step = Step(ROOT / 'configs' / 'sepbn_resnext50_wflw.py')
    first, second = settle_all((step, step), 0, tmp_path, Records(tmp_path))
    assert first.config.model.backbone.backbone.init_cfg.type == 'Pretrained'
    assert second.config.model.backbone.backbone.init_cfg is None


def test_of_several_initializations_those_that_load_weights_go(tmp_path):
    far, normal = dict(type=PretrainedInit, checkpoint='https://127.0.0.1:1/x.pth'), dict(type='Normal', layer='Linear')
    options = {'model.backbone.init_cfg': [normal, far]}
    assert settled(tmp_path, options, before=settled(tmp_path)).config.model.backbone.init_cfg == [normal]
    options = {'model.backbone.init_cfg': far}
    assert settled(tmp_path, options, before=settled(tmp_path)).config.model.backbone.init_cfg is None


def test_a_record_counts_as_measured_on_its_own_part_alone(tmp_path):
    run = settled(tmp_path)
    assert run.record() is None
    run.keep(record_of(run, val={'wflw/NME': 1.0}))
    assert run.measured('val') == run.record() == record_of(run, val={'wflw/NME': 1.0})
    assert run.measured('test') is None
    for other in (settled(tmp_path, seed=12), settled(tmp_path, seed=3, row='tiny-s')):
        other.keep(record_of(other))
    for name in ('-sx', '-s1 (copy)', '-s01', '-s-1'):
        (tmp_path / 'records' / 'tables' / f'tiny{name}.json').write_text('{}')
    assert run.records.seeds(run.name) == [0, 12]


def test_a_record_that_is_not_the_runs_is_set_aside_and_named(tmp_path, capsys):
    run, other = settled(tmp_path), settled(tmp_path, seed=1)
    run.keep(record_of(run, test={'wflw/NME': 1.0}))
    path = other.records.path(other.name)
    shutil.copy(run.records.path(run.name), path)
    assert run.record()
    assert other.measured('test') is None
    assert other.record() is None
    expected = f'{path} is set aside as tiny-s1.json.broken: its seed must be 1. Got 0.\n'
    assert capsys.readouterr().err == expected
    assert sorted(each.name for each in path.parent.iterdir()) == ['tiny-s0.json', 'tiny-s1.json.broken']
    path.write_text('{')
    assert other.record() is None
    assert path.with_name('tiny-s1.json.broken2').read_text() == '{'


def test_two_runs_with_one_file_are_refused(tmp_path):
    run, other = settled(tmp_path, row='a b'), settled(tmp_path, row='a: b')
    assert run.records.path(run.name) == other.records.path(other.name)
    run.keep(record_of(run, test={'wflw/NME': 1.0}))
    with pytest.raises(RecordError, match=r'must be that of tables: a: b, seed 0, and is that of tables: a b, seed 0'):
        other.record()
    assert run.record()


def test_a_record_of_other_settings_is_known_as_stale_and_not_used(tmp_path):
    old, new = settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}), settled(tmp_path)
    old.keep(record_of(old, test={'wflw/NME': 1.0}))
    assert new.measured('test') is new.record() is None
    assert new.known().record['metrics'] == dict(test={'wflw/NME': 1.0})
    assert new.stale() == new.known().changes == ['optim_wrapper.optimizer.lr was 0.1, is 0.04']
    # A step after it is not what it was either.
    after = settled(tmp_path, before=old)
    after.keep(record_of(after, test={'wflw/NME': 1.0}))
    assert settled(tmp_path, before=new).stale() == ['before.optim_wrapper.optimizer.lr was 0.1, is 0.04']
    assert not settled(tmp_path, before=old).stale()


def test_a_training_that_began_with_other_settings_is_stale(tmp_path):
    old, new = settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}), settled(tmp_path)
    assert new.stale() == []
    old.begin()
    assert old.stale() == new.stale() == []  # before a checkpoint nothing is lost
    (old.folder / 'epoch_1.pth').touch()
    assert old.stale() == []
    assert new.stale() == ['optim_wrapper.optimizer.lr was 0.1, is 0.04']
    (new.folder / 'settings.json').write_text('{')
    assert 'settings.json cannot be read' in new.stale()[0]


def test_what_a_training_left_without_a_checkpoint_does_not_count_in_the_next(tmp_path):
    """Logs of the first losses would."""
    old, new = settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}), settled(tmp_path)
    old.begin()
    new.set_stale_aside()
    assert not new.folder.exists()


def test_a_schedule_that_would_begin_when_training_has_ended_is_refused_before_the_runs(tmp_path):
    with pytest.raises(OptionError, match=r'must exceed 2, where CosineAnnealingLR begins, got 1\. Change max'):
        settle_all(
            (Step(ROOT / 'configs' / 'demo' / 'bn_vanilla_wflw.py', {'train_cfg.max_epochs': 1}),),
            0,
            tmp_path,
            Records(tmp_path),
        )


@pytest.mark.parametrize('epochs', [0, -1])
def test_a_training_without_an_epoch_is_refused_before_the_runs(tmp_path, epochs):
    with pytest.raises(OptionError, match=rf'train_cfg.max_epochs must be at least 1. Got {epochs}'):
        settled(tmp_path, {'train_cfg.max_epochs': epochs})


def test_what_is_stale_is_kept_beside_what_is_new(tmp_path, capsys):
    old, new = settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}), settled(tmp_path)
    old.begin()
    old.keep(record_of(old))
    old.set_stale_aside()
    assert old.record()
    new.set_stale_aside()
    assert [path.name for path in (tmp_path / 'runs' / 'tables').iterdir()] == ['tiny-s0.stale']
    assert [path.name for path in (tmp_path / 'records' / 'tables').iterdir()] == ['tiny-s0.json.stale']
    assert capsys.readouterr().err.count('optim_wrapper.optimizer.lr was 0.1, is 0.04') == 2
    assert new.known() is None


def test_results_of_elsewhere_are_known_and_those_of_today_are_preferred(tmp_path):
    old, new = settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}), settled(tmp_path)
    everywhere = replace(new.records, results=tmp_path / 'results')
    new, old = replace(new, records=everywhere), replace(old, records=everywhere)
    assert new.known() is None
    write_results(tmp_path / 'results', {new.name: record_of(new, test={'wflw/NME': 2.0})})
    assert new.measured('test')['metrics']['test'] == {'wflw/NME': 2.0}
    old.keep(record_of(old, test={'wflw/NME': 1.0}))
    assert new.measured('test')['metrics']['test'] == {'wflw/NME': 2.0}
    assert old.measured('test')['metrics']['test'] == {'wflw/NME': 1.0}
    other = replace(new, name=replace(new.name, seed=5))
    write_results(tmp_path / 'results', {other.name: record_of(other, val={'wflw/NME': 2.0})})
    assert new.records.seeds(new.name) == [0, 5]
    assert new.known().changes
    found = known_rows({'row': [new]}, 'test', everywhere)  # seed 5 was not measured on it
    assert {row: len(records) for row, records in marked(found).items()} == {'row (stale)': 1}
    everywhere.find(other.name)[0]['metrics'].clear()  # no one else sees that
    assert everywhere.find(other.name)[0]['metrics'] == dict(val={'wflw/NME': 2.0})


def test_rows_that_come_to_one_run_are_refused_by_name(tmp_path):
    rows = dict(
        first=Row('first', (Step(TINY, row='a'),)),
        twice=Row('twice', (Step(TINY, row='a'), Step(TINY, row='a', number=2))),
        same=Row('same', (Step(TINY, {'default_hooks.logger.interval': 7}, row='b'),)),
        named=Row('named', (Step(TINY, {'model.backbone.norm_cfg.num_routes': 2}, row='a'),)),
    )

    def settled_rows(*names):
        return settle_rows(Table('T', tuple(rows[name] for name in names)), 0, tmp_path, Records(tmp_path))

    assert set(settled_rows('first', 'twice')) == {'first', 'twice'}
    with pytest.raises(TableError, match=r"T: the rows 'first' and 'same' are the same run"):
        settled_rows('first', 'twice', 'same')
    with pytest.raises(TableError, match=r"T: the rows 'first' and 'named' have the same name, a-s0"):
        settled_rows('first', 'named')


def test_a_row_that_is_refused_is_named(tmp_path):
    def refused(options, message):
        table = Table('T', (Row('good', (Step(TINY, row='good'),)), Row('bad', (Step(TINY, options, row='bad'),))))
        with pytest.raises(TableError, match=rf"^T, row 'bad': {message}"):
            settle_rows(table, 0, tmp_path, Records(tmp_path))

    refused({'model.backbone.widht': 3}, 'model.backbone.widht is never read')
    refused({'randomness.seed': 3}, 'A row cannot change')


@pytest.mark.parametrize(
    ('option', 'name'),
    [
        ({'custom_hooks': [dict(type='EarlyStoppingHook', monitor='wflw/NME', rule='less')]}, 'EarlyStoppingHook'),
        ({'default_hooks.stop': dict(type='mmengine.EarlyStoppingHook', monitor='wflw/NME')}, 'EarlyStoppingHook'),
        ({'param_scheduler': [dict(type='ReduceOnPlateauLR', monitor='wflw/NME')]}, 'ReduceOnPlateauLR'),
        ({'param_scheduler': dict(_delete_=True, type='ReduceOnPlateauMomentum')}, 'ReduceOnPlateauMomentum'),
        ({'param_scheduler': dict(_delete_=True, a=[dict(type='ReduceOnPlateauLR')])}, 'ReduceOnPlateauLR'),
    ],
)
def test_what_acts_on_validations_is_refused(tmp_path, option, name):
    with pytest.raises(TableError, match=rf'tested at its last epoch, so {name} cannot act and must be removed'):
        settled(tmp_path, option)


def test_metrics_are_kept_as_plain_numbers():
    truths = dict(f=True, g=np.bool_(True), h=torch.tensor(True))  # no numbers, which a record refuses
    kept = plain_numbers(dict(a=np.float32(0.5), b=torch.tensor(2.0), c=1, d='text', e=[1, 2], **truths))
    assert kept == dict(a=0.5, b=2.0, c=1, d='text', e=[1, 2], f=True, g=True, h=True)
    assert all(kept[name] is True for name in truths)
    assert [type(kept[name]) for name in 'abc'] == [float, float, int]


def test_a_first_step_starts_from_the_checkpoint_of_its_config(tmp_path):
    run = settled(tmp_path, {'load_from': 'stage_1.pth'})
    assert run.config.load_from == run.settings['load_from'] == 'stage_1.pth'
    assert settled(tmp_path, {'load_from': 'stage_1.pth'}, before=run).config.load_from == str(run.checkpoint)


@pytest.mark.parametrize('option', [{'randomness.seed': 3}, {'work_dir': 'here'}, {'resume': True}])
def test_what_a_run_decides_itself_is_no_option(tmp_path, option):
    with pytest.raises(TableError, match=rf"A row cannot change \['{next(iter(option))}'\]"):
        settled(tmp_path, option)


def test_a_config_that_trains_by_steps_is_refused(tmp_path):
    loop = dict(_delete_=True, type='IterBasedTrainLoop', max_iters=10)
    with pytest.raises(TableError, match=r'tiny_sepbn_wflw.py: a row needs train_cfg.max_epochs'):
        settled(tmp_path, {'train_cfg': loop})


def test_the_curve_is_the_mean_loss_of_each_epoch_in_its_last_attempt(tmp_path):
    """An attempt may begin within an epoch, as the third does, and then logs the rest of it alone."""
    attempts = dict(
        first=[(1, 1, 4.0), (1, 2, 2.0), (2, 3, 9.0)],
        second=[(2, 3, 1.0), (2, 4, 0.5), (3, 5, 3.0), (3, 6, 9.0)],
        third=[(3, 6, 7.0)],
    )
    for part, lines in zip('123', attempts.values(), strict=True):
        folder = tmp_path / part / 'vis_data'
        folder.mkdir(parents=True)
        entries = [dict(epoch=epoch, loss=loss, step=step) for epoch, step, loss in lines]
        entries += [{'wflw/NME': 5.0, 'step': 2}]
        (folder / 'scalars.json').write_text('\n'.join(map(json.dumps, entries)))
    assert training_curve(tmp_path, 3) == [3.0, 0.75, 5.0]


def test_half_a_line_of_the_curve_is_named_and_a_missing_epoch_leaves_a_gap(tmp_path):
    path = tmp_path / '1' / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('{"epoch": 1, "loss": 4.0}\n{"epoch": 1, "loss": 2.\n[1]\n{"epoch": 3, "loss": 1.0}\n')
    with said() as lines:
        assert training_curve(tmp_path, 4) == [4.0, None, 1.0, None]
    assert lines == [f'{path}:2 is skipped, it has no finite loss: \'{{"epoch": 1, "loss": 2.\'']


@pytest.mark.parametrize(
    'line',
    ['{"epoch": 2, "loss": NaN}', '{"epoch": 2, "loss": 1e999}', '{"epoch": 1e999, "loss": 2.0}', '[' * 100_000],
    ids=lambda line: line[:25],
)
def test_a_curve_holds_finite_losses_alone(tmp_path, line):
    """Else the record would be refused when all is trained."""
    path = tmp_path / '1' / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text(f'{{"epoch": 1, "loss": 4.0}}\n{line}\n')
    with said() as lines:
        assert training_curve(tmp_path, 2) == [4.0, None]
    assert [line.partition(' is ')[0] for line in lines] == [f'{path}:2']


TABLE = """
title = 'Tiny'
base = '{base}'
rows = {{
    'no groups': {{'model.backbone.norm_cfg.num_groups': 3}},
    'SepBN': {{}},
    'twice': [dict(row='SepBN'), dict(options={{'optim_wrapper.optimizer.lr': 0.0, 'param_scheduler': None}})],
    'no groups twice': [dict(row='no groups', options={{'model.backbone.norm_cfg.num_groups': 3}}), {{}}],
}}
comparisons = [('twice', 'SepBN'), ('twice', 'no groups')]
"""


@pytest.fixture
def run_rows(synthetic_faces, tmp_path, monkeypatch):
    """Run rows of the tiny table as tools/run_table.py does; returns its Markdown."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    monkeypatch.chdir(tmp_path)

    def run(*rows, rerun_stale=False, **options):
        table = read_table('table.py', options={'train_cfg.max_epochs': 2, **options}, rows=rows)
        places = Path('runs'), Records(Path('runs/records'))
        failures = run_tables([table], 1, *places, jobs=2, threads=1, rerun_stale=rerun_stale)
        known = known_rows(settle_rows(table, 0, *places), table.split, places[1], seeds=1)
        text = summary_markdown(table.title, marked(known))
        print(text)
        raise_failures(failures)
        return text

    return run


OWN = """
from mmpose.registry import MODELS
from mmsepbn import VanillaCNN

@MODELS.register_module()
class OwnNet(VanillaCNN):
    pass
"""


@pytest.mark.slow
def test_a_run_has_what_its_config_imports(run_tool, tmp_path):
    """In a process of its own, which gets the config but reads no file."""
    (tmp_path / 'own_net.py').write_text(OWN)
    imports = (
        "custom_imports = dict(imports=['mmsepbn.registry', 'own_net'])\nmodel = dict(backbone=dict(type='OwnNet'))"
    )
    (tmp_path / 'own.py').write_text(f"_base_ = '{TINY}'\n{imports}\n")
    (tmp_path / 'table.py').write_text("title = 'Own'\nbase = 'own.py'\nrows = {'own': {}}\n")
    command = (
        'tools/run_table.py',
        'table.py',
        '--seeds',
        1,
        '--out',
        'runs',
        '--cfg-options',
        'train_cfg.max_epochs=1',
    )
    assert '| own | 1 | ' in run_tool(*command, PYTHONPATH=str(tmp_path))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_table_runs_resumes_and_prints(run_tool, run_rows, tmp_path, capsys):
    (tmp_path / 'table.py').write_text(TABLE.format(base=TINY))
    command = ('tools/run_table.py', 'table.py', '--out', 'runs', '--cfg-options', 'train_cfg.max_epochs=2', '--rows')
    output = run_tool(*command, 'no groups', 'no groups twice', 'SepBN', 'twice', expect=1)
    assert 'error: 1 of the runs have no result' in output  # the first step of two rows
    assert 'table: no groups, seed 0 failed; run the command again to continue it' in output
    assert 'must divide num_features. Got 3 groups of 4 features' in output
    assert 'output.txt ends with' in output
    assert '| no groups | 0 | not run' in output
    assert '| no groups twice | 0 | not run' in output
    assert '| SepBN | 1 | ' in output  # the others went on
    assert re.search(r'^- twice against SepBN: [+-]\d+\.\d % \(one seed\), inconclusive\.$', output, re.MULTILINE)
    assert 'against no groups' not in output
    runs, stored = tmp_path / 'runs', tmp_path / 'runs' / 'records'
    files = sorted(stored.glob('table/*.json'))
    assert [path.name for path in files] == ['SepBN-s0.json', 'twice-step2-s0.json']
    plain, second = (json.loads(path.read_text()) for path in files)
    assert len(plain['curve']) == 2
    seen = plain['attention']['test']
    assert all(0 < layer['deviation'] < 1 for layer in seen['layers'].values())
    assert all(0 <= layer['by_pose'] <= 1 for layer in seen['layers'].values())
    assert all(0 <= share <= 1 for layer in seen['layers'].values() for share in layer['by_subset'].values())
    assert all(-1 <= value < 1 for layer in seen['layers'].values() for value in layer['similarity'].values())
    assert len(seen['layers']) == 6
    assert seen['mean_ablated'].keys() == plain['metrics']['test'].keys()
    assert seen['mean_ablated'] != plain['metrics']['test']
    assert second['load_from'].endswith('table/SepBN-s0/epoch_2.pth')
    weights = [torch.load(path, weights_only=False)['state_dict'] for path in runs.glob('table/*/epoch_2.pth')]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0] if 'head' in name)
    assert f'| SepBN | 1 | {plain["metrics"]["test"]["wflw/NME"]:.2f} |' in output
    assert Config.fromfile(runs / 'table' / 'SepBN-s0' / 'config.py').train_cfg.max_epochs == 2
    before = {path: path.stat().st_mtime_ns for path in runs.rglob('*') if path.is_file()}
    table = run_rows('SepBN', 'twice')
    assert set(table.splitlines()[2:]) <= set(output.splitlines())
    assert {path: path.stat().st_mtime_ns for path in runs.rglob('*') if path.is_file()} == before

    run, record = runs / 'table' / 'twice-step2-s0', stored / 'table' / 'twice-step2-s0.json'
    record.write_text(record.read_text()[:-100])
    (run / 'epoch_2.pth').write_bytes((run / 'epoch_2.pth').read_bytes()[:-1000])
    (run / 'last_checkpoint').write_text('/before/the/folder/moved/epoch_2.pth')
    run_rows('twice')
    assert f'{record.name} is set aside as {record.name}.broken: it cannot be read' in capsys.readouterr().err
    assert 'epoch_2.pth is set aside as epoch_2.pth.broken' in (run / 'output.txt').read_text()
    continued = json.loads(record.read_text())
    assert continued['metrics'] == second['metrics']
    assert continued['load_from'] == second['load_from']
    assert 'resumed epoch: 1' in (run / 'output.txt').read_text()

    for path in runs.glob('table/*/epoch_*.pth'):
        path.unlink()
    assert run_rows('SepBN', 'twice') == table
    assert not list(runs.glob('table/*/epoch_*.pth'))  # records are enough

    record.unlink()
    run_rows('twice')  # trains its first step again, which was measured in a row of its own
    for known, path in zip((plain, second), files, strict=True):
        again = json.loads(path.read_text())
        assert all(again[key] == known[key] for key in ('metrics', 'attention', 'curve'))

    before = {path: path.stat().st_mtime_ns for path in runs.rglob('*') if path.is_file()}
    slow = {'optim_wrapper.optimizer.lr': 0.01}
    with pytest.raises(
        RunError, match=r'SepBN, seed 0 is stale: optim_wrapper.optimizer.lr was 0.04, is 0.01. --rerun'
    ):
        run_rows('SepBN', 'twice', **slow)
    assert f'| SepBN (stale) | 1 | {plain["metrics"]["test"]["wflw/NME"]:.2f} |' in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in runs.rglob('*') if path.is_file()} == before
    assert run_rows('SepBN', rerun_stale=True, **slow) != table
    old = json.loads((stored / 'table' / 'SepBN-s0.json.stale').read_text())
    assert (old['metrics'], old['config']) == (plain['metrics'], plain['config'])
    assert (runs / 'table' / 'SepBN-s0.stale' / 'epoch_2.pth').exists()


@pytest.mark.slow
def test_ctrl_c_ends_a_table_and_the_next_command_goes_on(run_tool, synthetic_faces, tmp_path):
    (tmp_path / 'table.py').write_text(TABLE.format(base=TINY))
    command = ('tools/run_table.py', 'table.py', '--out', 'runs', '--rows', 'SepBN', 'twice', '--jobs', '1')
    long = ('--cfg-options', 'train_cfg.max_epochs=300', 'train_dataloader.num_workers=0')
    process = subprocess.Popen(
        [sys.executable, str(ROOT / command[0]), *command[1:], *long],
        cwd=tmp_path,
        env=os.environ | dict(FACES_ROOT=str(synthetic_faces)),
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not (found := list((tmp_path / 'runs').glob('table/*/epoch_2.pth'))):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(FolderInUseError, match=rf'in use by process {process.pid} '):
        run_tables([read_table(tmp_path / 'table.py')], 1, tmp_path / 'runs', Records(tmp_path / 'records'))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert errors.endswith('SIGINT: no new runs start, those in progress are stopped.\n')
    assert len(list((tmp_path / 'runs').glob('table/*/config.py'))) == 1  # the second run has not begun
    (stopped,) = found[0].parent.glob('stopped_iter_*.pth')
    assert not list((tmp_path / 'runs').rglob('.lock'))
    with folder_lock(stopped.parent):  # nobody trains there
        pass


@pytest.mark.parametrize(
    ('estimator', 'norm'),
    [('TopdownPoseEstimator', 'BN'), ('mmsepbn.DomainRoutedEstimator', 'mmsepbn.BruteForceSepBN')],
)
def test_multiply_accumulates_are_those_of_the_convolutions_and_linear_layers(
    estimator, norm, synthetic_faces, monkeypatch
):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    config = Config.fromfile(TINY)
    config.model.type = estimator
    config.model.backbone.norm_cfg = dict(type=norm)
    widths, sides = (3, 4, 4, 8, 8, 8, 8), (128, 64, 32, 16, 8, 4)
    layers = zip(widths, widths[1:], sides, strict=False)
    convolutions = sum(9 * before * after * side**2 for before, after, side in layers)
    init_default_scope('mmpose')
    model = MODELS.build(config.model)
    assert multiply_accumulates(model, (3, 128, 128)) == convolutions + 8 * 2 * 2 * 16 + 16 * 2 * 98
