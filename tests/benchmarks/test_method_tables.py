import math

import pytest
import torch
from helpers import ROOT, assert_named_once
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS

from mmsepbn.experiments.records import Records
from mmsepbn.experiments.results import read_results
from mmsepbn.experiments.run import settle_all
from mmsepbn.experiments.table import read_table
from mmsepbn.models.norms.sepbn import SepBN

METHOD = ROOT / 'benchmarks' / 'method'
TABLES = {path.stem: read_table(path) for path in sorted((METHOD / 'tables').glob('*.py'))}
ROWS = [(name, row) for name, table in TABLES.items() for row in table.rows]


@pytest.mark.slow
@pytest.mark.parametrize(('table', 'row'), ROWS, ids=[f'{name}-{row.name}' for name, row in ROWS])
def test_every_step_builds_and_decays_what_its_row_says(table, row, tmp_path):
    init_default_scope('mmpose')
    for run in settle_all(row.steps, 0, tmp_path, Records(tmp_path)):
        model = MODELS.build(run.config.model)
        optimizer = build_optim_wrapper(model, run.config.optim_wrapper).optimizer
        names = {id(parameter): name for name, parameter in model.named_parameters()}
        decay = {names[id(p)]: group['weight_decay'] for group in optimizer.param_groups for p in group['params']}
        rates = {group['lr'] for group in optimizer.param_groups for p in group['params'] if 'backbone' in names[id(p)]}
        assert len(rates) == (2 if 'times the rate' in row.name else 1)
        undecayed = {name for name, value in decay.items() if value < max(decay.values())}
        assert undecayed == (sepbn_parameters(model) if 'control' in row.name or 'no decay' in row.name else set())


def sepbn_parameters(model):
    return {
        f'{layer}.{name}'
        for layer, module in model.named_modules()
        if isinstance(module, SepBN)
        for name, _ in module.named_parameters()
    }


def test_sepbn_is_that_of_the_configs_and_each_control_starts_as_its_sepbn():
    shared = Config.fromfile(METHOD / 'configs' / 'norms.py').shared
    default = Config.fromfile(ROOT / 'configs' / '_base_' / 'norms' / 'sepbn.py').norm
    key = 'model.backbone.norm_cfg'
    assert shared.sepbn[key] == dict(_delete_=True, **default, init_std=0.1)
    assert shared.control[key].init_std == shared.sepbn[key].init_std
    assert shared.control_without_spread[key].init_std == shared.standardized[key].init_std


def test_losses_of_the_recipe_pull_as_l1_does_at_two_pixels():
    rows = {row.name: dict(row.steps[0].options) for row in TABLES['faces300w_recipe'].rows}
    pulls = []
    for name in (None, 'smooth L1', 'Wing', 'SoftWing'):
        config = dict(type='L1Loss', use_target_weight=True) if name is None else rows[name]['model.head.branch.loss']
        prediction = torch.full((3, 68, 2), 66.0, requires_grad=True)
        module = MODELS.build(dict(config, _scope_='mmpose'))
        module(prediction, prediction.detach() - 2, torch.ones(3, 68, 1)).backward()
        pulls.append(prediction.grad)
    for pull in pulls[1:]:
        torch.testing.assert_close(pull, pulls[0])


TRAINING_FACES = {
    '300w/whole/300W': 2012,
    '300w/train/300W': 1786,
    '300w/50/300W': 50,
    '300w/200/300W': 200,
    '300w/800/300W': 800,
    'wflw/train/WFLW': 200,
    'lfw/train/WIDER_FACE': 2677,
    'real/whole/300W': 2483,
    'real/small/300W': 370,
    'real/small/AFLW': 1223,
    'real/small/WIDER_FACE': 890,
    'synthetic/train/COFW': 134,
    'synthetic/train/AFLW': 2000,
    'synthetic/train/WFLW': 750,
    'synthetic/train/300W': 315,
    'synthetic/train/WIDER_FACE': 977,
}
OF_SEVERAL_BUDGETS = ('faces_ways', 'faces_matrix')


def training_faces(dataset):
    sets = [dataset['datasets'][name] for name in dataset.use] if 'datasets' in dataset else [dataset]
    return sum(TRAINING_FACES[each.data_root.removeprefix('data/method/')] for each in sets)


@pytest.mark.slow
@pytest.mark.parametrize('name', [name for name in TABLES if name not in OF_SEVERAL_BUDGETS])
def test_rows_of_a_table_have_equal_steps_unless_named_otherwise(name, tmp_path):
    steps, epochs = {}, {}
    for row in TABLES[name].rows:
        runs = settle_all(row.steps, 0, tmp_path, Records(tmp_path))
        each = [run.config.train_cfg.max_epochs for run in runs]
        faces = [training_faces(run.config.train_dataloader.dataset) for run in runs]
        epochs[row.name] = sum(each)
        steps[row.name] = sum(count * math.ceil(size / 16) for count, size in zip(each, faces, strict=True))
    other = {row for row in steps if 'as many epochs' in row}
    budgets = {}
    for row in steps.keys() - other:
        group = row.split(' faces')[0] if name == 'faces_data_curve' else name
        budgets.setdefault(group, []).append(steps[row])
    for group, values in budgets.items():
        assert max(values) <= 1.02 * min(values), group
    for row in other:
        assert epochs[row] == epochs['BN, CNT + fine-tuning']


@pytest.mark.slow
def test_runs_are_named_once_and_every_result_is_of_one(tmp_path):
    runs = [run for _, row in ROWS for run in settle_all(row.steps, 0, tmp_path, Records(tmp_path))]
    assert_named_once(runs)
    known = {(run.name.table, run.name.row, run.name.step) for run in runs}
    results = read_results(METHOD / 'results')
    assert len(results) >= 369
    assert {(name.table, name.row, name.step) for name in results} <= known
