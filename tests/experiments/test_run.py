import json

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS

from mmsepbn.experiments.run import settle, settle_all
from mmsepbn.experiments.table import Step
from mmsepbn.experiments.train_and_measure import multiply_accumulates, training_curve

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'


def settled(tmp_path, options=None, seed=0, before=None, out='runs'):
    return settle(Step(TINY, options or {}), seed, tmp_path / out, tmp_path / 'records', before)


def test_equal_runs_share_a_name_and_others_do_not(tmp_path, synthetic_faces, monkeypatch):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    first = settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1})
    assert settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}, out='elsewhere').name == first.name
    second = settled(tmp_path, before=first)
    others = [
        settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.2}),
        settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}, seed=1),
        settled(tmp_path),
        second,
        settled(tmp_path, before=second),
    ]
    assert len({run.name for run in [first, *others]}) == 6
    assert others[1].series == first.series
    assert settled(tmp_path, before=settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}, out='x')).name == second.name
    assert first.config.optim_wrapper.optimizer.lr == 0.1
    assert first.checkpoint == tmp_path / 'runs' / first.name / 'epoch_4.pth'
    assert second.config.load_from == str(first.checkpoint)


def test_values_that_rows_share_stay_as_they_are(tmp_path):
    norm = dict(_delete_=True, type='mmsepbn.SepBN', num_routes=3, num_groups=1)
    options = {'model.backbone.norm_cfg': norm, 'model.backbone.norm_cfg.num_routes': 2}
    assert settled(tmp_path, options).config.model.backbone.norm_cfg.num_routes == 2
    assert norm['num_routes'] == 3


def test_a_step_after_another_fetches_no_pretrained_weights(tmp_path):
    step = Step(ROOT / 'configs' / 'sepbn_resnext50_wflw.py')
    first, second = settle_all((step, step), 0, tmp_path, tmp_path)
    assert first.config.model.backbone.backbone.init_cfg.type == 'Pretrained'
    assert second.config.model.backbone.backbone.init_cfg is None


def test_a_record_counts_as_measured_on_its_own_part_alone(tmp_path):
    run = settled(tmp_path)
    assert run.record() is None
    run.keep(dict(metrics=dict(val={'wflw/NME': 1.0})))
    assert run.measured('val') == run.record() == dict(metrics=dict(val={'wflw/NME': 1.0}))
    assert run.measured('test') is None
    settled(tmp_path, seed=12).keep(dict(metrics={}))
    settled(tmp_path, {'optim_wrapper.optimizer.lr': 0.1}, seed=3).keep(dict(metrics={}))
    assert run.seeds() == [0, 12]


def test_the_curve_is_the_mean_loss_of_each_epoch_in_its_last_attempt(tmp_path):
    for part, lines in (('1', [(1, 4.0), (1, 2.0), (2, 9.0)]), ('2', [(2, 1.0), (2, 0.5)])):
        folder = tmp_path / part / 'vis_data'
        folder.mkdir(parents=True)
        entries = [dict(epoch=epoch, loss=loss, step=1) for epoch, loss in lines] + [{'wflw/NME': 5.0, 'step': 2}]
        (folder / 'scalars.json').write_text('\n'.join(map(json.dumps, entries)))
    assert training_curve(tmp_path) == [3.0, 0.75]


TABLE = """
title = 'Tiny'
base = '{base}'
rows = {{
    'SepBN': {{}},
    'twice': [{{}}, dict(options={{'optim_wrapper.optimizer.lr': 0.0, 'param_scheduler': None}})],
    'no groups': {{'model.backbone.norm_cfg.num_groups': 3}},
}}
"""


def table_of(output):
    return [line for line in output.splitlines() if line.startswith('|')]


@pytest.mark.slow
def test_a_table_runs_resumes_and_prints(run_tool, tmp_path):
    (tmp_path / 'table.py').write_text(TABLE.format(base=TINY))
    command = ('tools/run_table.py', 'table.py', '--out', 'runs', '--cfg-options', 'train_cfg.max_epochs=2', '--rows')
    output = run_tool(*command, 'SepBN', 'twice')
    runs, stored = tmp_path / 'runs', tmp_path / 'runs' / 'records'
    records = [json.loads(path.read_text()) for path in sorted(stored.glob('*.json'))]
    assert len(records) == 2  # the first step of 'twice' is the row 'SepBN'
    plain, second = sorted(records, key=lambda record: record['load_from'] is not None)
    assert len(plain['curve']) == 2
    seen = plain['attention']['test']
    assert all(0 < layer['deviation'] < 1 for layer in seen['layers'].values())
    assert all(0 <= layer['by_pose'] <= 1 for layer in seen['layers'].values())
    assert all(0 <= share <= 1 for layer in seen['layers'].values() for share in layer['by_subset'].values())
    assert all(-1 <= value < 1 for layer in seen['layers'].values() for value in layer['similarity'].values())
    assert len(seen['layers']) == 6
    assert seen['held'].keys() == plain['metrics']['test'].keys()
    assert seen['held'] != plain['metrics']['test']
    assert second['load_from'].endswith(f'{plain["run"]}/epoch_2.pth')
    weights = [torch.load(path, weights_only=False)['state_dict'] for path in runs.glob('*/epoch_2.pth')]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0] if 'head' in name)
    assert f'| SepBN | 1 | {plain["metrics"]["test"]["wflw/NME"]:.2f} |' in output
    assert Config.fromfile(runs / plain['run'] / 'config.py').train_cfg.max_epochs == 2
    before = {path: path.stat().st_mtime_ns for path in runs.rglob('*')}
    assert table_of(run_tool(*command, 'SepBN', 'twice')) == table_of(output)
    assert {path: path.stat().st_mtime_ns for path in runs.rglob('*')} == before

    run, record = runs / second['run'], stored / f'{second["run"]}.json'
    record.unlink()
    (run / 'epoch_2.pth').unlink()
    (run / 'last_checkpoint').write_text('/before/the/folder/moved/epoch_1.pth')
    run_tool(*command, 'twice')
    continued = json.loads(record.read_text())
    assert continued['metrics'] == second['metrics']
    assert continued['load_from'] == second['load_from']
    assert 'resumed epoch: 1' in (run / 'output.txt').read_text()

    for path in runs.glob('*/epoch_*.pth'):
        path.unlink()
    assert table_of(run_tool(*command, 'SepBN', 'twice')) == table_of(output)
    assert not list(runs.glob('*/epoch_*.pth'))  # records are enough

    record.unlink()
    run_tool(*command, 'twice')  # trains its first step again, which was measured in a row of its own
    for known in (plain, second):
        again = json.loads((stored / f'{known["run"]}.json').read_text())
        assert all(again[key] == known[key] for key in ('metrics', 'attention', 'curve'))

    failed = run_tool(*command, 'no groups', expect=1)
    assert 'must divide num_features. Got 3 groups of 4 features' in failed
    assert 'output.txt ends with' in failed


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
    assert multiply_accumulates(model, config) == convolutions + 8 * 2 * 2 * 16 + 16 * 2 * 98
