import json
import math
import sys

import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS

from mmsepbn.experiments.run import settle_all
from mmsepbn.experiments.table import read_table
from mmsepbn.models.norms.sepbn import SepBN

sys.path.insert(0, str(ROOT / 'benchmarks' / 'method'))

METHOD = ROOT / 'benchmarks' / 'method'
TABLES = {path.stem: read_table(path) for path in sorted((METHOD / 'tables').glob('*.py'))}
ROWS = [(name, row) for name, table in TABLES.items() for row in table.rows]


@pytest.mark.parametrize(('table', 'row'), ROWS, ids=[f'{name}-{row.name}' for name, row in ROWS])
def test_every_step_builds_and_decays_what_its_row_says(table, row, tmp_path):
    init_default_scope('mmpose')
    for run in settle_all(row.steps, 0, tmp_path, tmp_path):
        model = MODELS.build(run.config.model)
        optimizer = build_optim_wrapper(model, run.config.optim_wrapper).optimizer
        names = {id(parameter): name for name, parameter in model.named_parameters()}
        decay = {names[id(p)]: group['weight_decay'] for group in optimizer.param_groups for p in group['params']}
        rates = {group['lr'] for group in optimizer.param_groups for p in group['params'] if 'backbone' in names[id(p)]}
        assert len(rates) == (2 if 'times the rate' in row.name else 1)
        undecayed = {name for name, value in decay.items() if value == 0}
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
    assert shared.sepbn[key] == dict(_delete_=True, **default, init_spread=0.1, standardize_attention=False)
    assert shared.control[key].init_spread == shared.sepbn[key].init_spread
    assert shared.control_without_spread[key].init_spread == shared.standardized[key].init_spread


TRAINING_FACES = dict(
    real_whole=2483,
    real_longer=2483,
    real_mobilenetv2=2483,
    real_resnext50=2483,
    real_small=370,
    real_fine_tune=370,
    real_cnt=2483,
    real_small_fewer=370,
    real_small_longer=370,
    real_small_longer_fewer=370,
    real_small_halves=370,
    real_small_halves_fewer=370,
    real_fine_tune_halves=370,
    real_fine_tune_longer=370,
    real_cnt_longer=2483,
    faces300w_mobilenetv2=1786,
    synthetic_cofw=134,
    synthetic_cofw_fewer=134,
    synthetic_fine_tune_cofw=134,
    synthetic_aflw=2000,
    synthetic_aflw_fewer=2000,
    synthetic_fine_tune_aflw=2000,
    synthetic_wflw=750,
    synthetic_wflw_fewer=750,
    synthetic_fine_tune_wflw=750,
    synthetic_cnt=134 + 2000 + 750 + 315 + 977,
)


@pytest.mark.parametrize('name', TABLES)
def test_rows_of_a_table_have_equal_steps_unless_named_otherwise(name, tmp_path):
    steps, epochs = {}, {}
    for row in TABLES[name].rows:
        runs = settle_all(row.steps, 0, tmp_path, tmp_path)
        epochs[row.name] = sum(run.config.train_cfg.max_epochs for run in runs)
        steps[row.name] = sum(
            run.config.train_cfg.max_epochs * math.ceil(TRAINING_FACES[run.name.split('-')[0]] / 16) for run in runs
        )
    other = {row for row in steps if 'as many epochs' in row}
    budgets = [value for row, value in steps.items() if row not in other]
    assert max(budgets) <= 1.02 * min(budgets)
    for row in other:
        assert epochs[row] == epochs['BN, CNT + fine-tuning']


def test_claims_name_rows_that_exist():
    from claims import CLAIMS

    for claim in CLAIMS:
        for table in claim.tables:
            assert {claim.row, claim.reference} <= {row.name for row in TABLES[table].rows}


def test_every_record_is_named_by_its_file_and_its_row():
    known = {run.series for _, row in ROWS for run in settle_all(row.steps, 0, ROOT, ROOT)}
    for path in (METHOD / 'records').glob('*.json'):
        record = json.loads(path.read_text())
        assert record['run'] == path.stem
        series, _, seed = path.stem.rpartition('-s')
        assert series in known
        assert record['seed'] == record['config']['randomness']['seed'] == int(seed)
