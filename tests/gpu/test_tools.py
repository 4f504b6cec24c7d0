"""Whole tiny trainings and tests on a GPU, from the command line."""

import json
import os
import subprocess
import sys

import pytest
import torch
from helpers import ROOT

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'
EXACT = ('--cfg-options', 'randomness.deterministic=True', 'env_cfg.cudnn_benchmark=False')

pytestmark = [pytest.mark.gpu, pytest.mark.slow]


@pytest.fixture
def run(device, synthetic_faces, tmp_path):
    """Run a tool in an empty folder, in a process that has no GPU yet; returns its output."""

    def run(script, *arguments, expect=0):
        environment = os.environ | dict(FACES_ROOT=str(synthetic_faces))
        if device.type == 'cpu':
            environment['CUDA_VISIBLE_DEVICES'] = ''
        command = [sys.executable, str(ROOT / 'tools' / script), *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        output = done.stdout + done.stderr
        assert done.returncode == expect, output[-6000:]
        return output

    return run


def weights(path):
    return torch.load(path, weights_only=False, map_location='cpu')['state_dict']


def test_a_resumed_training_ends_like_a_whole_one_and_is_tested(run, tmp_path):
    run('train.py', TINY, '--work-dir', 'whole', *EXACT)
    run('train.py', TINY, '--work-dir', 'resumed', '--resume', 'whole/epoch_3.pth', *EXACT)
    whole, resumed = (weights(tmp_path / name / 'epoch_4.pth') for name in ('whole', 'resumed'))
    assert [name for name in whole if not torch.equal(whole[name], resumed[name])] == []
    run('test.py', TINY, 'whole/epoch_4.pth', '--work-dir', 'test', '--out', 'rows.json')
    assert 0 < json.loads((tmp_path / 'rows.json').read_text())['wflw/NME'] < 100


def test_mixed_precision_trains(run, tmp_path):
    run('train.py', TINY, '--work-dir', 'run', '--amp', '--cfg-options', 'train_cfg.max_epochs=2')
    assert all(torch.isfinite(value).all() for value in weights(tmp_path / 'run' / 'epoch_2.pth').values())


def test_training_that_overflows_ends_in_a_line_that_says_where(run):
    settings = ('optim_wrapper.optimizer.lr=1e38', 'param_scheduler=None')
    output = run('train.py', TINY, '--work-dir', 'run', '--cfg-options', *settings, expect=1)
    assert 'error: The loss of iteration 1 (epoch 0) is not finite. First: the ' in output
