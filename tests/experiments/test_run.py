import json

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config

from mmsepbn.experiments.run import settle, training_curve
from mmsepbn.experiments.table import Step

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'


def test_equal_runs_share_a_folder_and_others_do_not(tmp_path, synthetic_faces, monkeypatch):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    first = settle(Step(TINY, {'optim_wrapper.optimizer.lr': 0.1}), 0, tmp_path)
    assert settle(Step(TINY, {'optim_wrapper.optimizer.lr': 0.1}), 0, tmp_path).folder == first.folder
    others = [
        settle(Step(TINY, {'optim_wrapper.optimizer.lr': 0.2}), 0, tmp_path),
        settle(Step(TINY, {'optim_wrapper.optimizer.lr': 0.1}), 1, tmp_path),
        settle(Step(TINY, {'optim_wrapper.optimizer.lr': 0.1}), 0, tmp_path, tmp_path / 'x.pth'),
    ]
    assert len({run.folder for run in [first, *others]}) == 4
    assert first.config.optim_wrapper.optimizer.lr == 0.1
    assert first.checkpoint == first.folder / 'epoch_4.pth'
    assert others[2].config.load_from == str(tmp_path / 'x.pth')


def test_a_step_after_another_fetches_no_pretrained_weights(tmp_path):
    config = ROOT / 'configs' / 'sepbn_resnext50_wflw.py'
    assert settle(Step(config), 0, tmp_path).config.model.backbone.backbone.init_cfg.type == 'Pretrained'
    assert settle(Step(config), 0, tmp_path, tmp_path / 'x.pth').config.model.backbone.backbone.init_cfg is None


def test_the_curve_is_the_mean_loss_of_each_epoch_over_resumed_parts(tmp_path):
    for part, lines in (('1', [(1, 4.0), (1, 2.0)]), ('2', [(2, 1.0), (2, 0.5)])):
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


@pytest.mark.slow
def test_a_table_runs_resumes_and_prints(run_tool, tmp_path):
    (tmp_path / 'table.py').write_text(TABLE.format(base=TINY))
    command = ('tools/run_table.py', 'table.py', '--out', 'runs', '--cfg-options', 'train_cfg.max_epochs=2', '--rows')
    output = run_tool(*command, 'SepBN', 'twice')
    records = [json.loads(path.read_text()) for path in sorted((tmp_path / 'runs').glob('*/run.json'))]
    assert len(records) == 2  # the first step of 'twice' is the row 'SepBN'
    plain, second = sorted(records, key=lambda record: record['load_from'] is not None)
    assert len(plain['curve']) == 2
    assert second['load_from'].endswith(f'{plain["run"]}/epoch_2.pth')
    weights = [torch.load(path, weights_only=False)['state_dict'] for path in (tmp_path / 'runs').glob('*/epoch_2.pth')]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0] if 'head' in name)
    assert f'| SepBN | 1 | {plain["metrics"]["wflw/NME"]:.2f} |' in output
    stored = Config.fromfile(tmp_path / 'runs' / plain['run'] / 'config.py')
    assert stored.train_cfg.max_epochs == 2
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / 'runs').rglob('*')}
    assert run_tool(*command, 'SepBN', 'twice').splitlines()[-1] == output.splitlines()[-1]
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / 'runs').rglob('*')} == before
    first, (folder,) = second['metrics'], [path.parent for path in before if path.name == second['run']]
    run = folder / second['run']
    (run / 'run.json').unlink()
    (run / 'epoch_2.pth').unlink()
    (run / 'last_checkpoint').write_text(str(run / 'epoch_1.pth'))
    run_tool(*command, 'twice')
    continued = json.loads((run / 'run.json').read_text())
    assert continued['metrics'] == first
    assert continued['load_from'] == second['load_from']
    assert 'resumed epoch: 1' in (run / 'output.txt').read_text()
    failed = run_tool(*command, 'no groups', expect=1)
    assert 'must divide num_features. Got 3 groups of 4 features' in failed
    assert 'output.txt ends with' in failed
