"""The command-line tools, ours and MMPose's, on small real runs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mmpose
import numpy as np
import pytest
import torch
from helpers import ROOT, free_port
from toy_training import assert_same

from mmsepbn.evaluation.per_face import read_csv

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'
MMPOSE_TOOLS = Path(mmpose.__file__).parent / '.mim' / 'tools'
SIX_SUBSETS = ('pose', 'expression', 'illumination', 'makeup', 'occlusion', 'blur')

pytestmark = pytest.mark.slow


def weights(path):
    return torch.load(path, weights_only=False)['state_dict']


def test_train_then_test_write_what_the_options_say(run_tool, tmp_path):
    run_tool('tools/train.py', TINY, '--work-dir', 'run', '--cfg-options', 'train_cfg.max_epochs=2')
    output = run_tool(
        *('tools/test.py', TINY, 'run/epoch_2.pth', '--work-dir', 'test'),
        *('--out', 'rows.json', '--per-face', 'faces.csv', '--dump', 'faces.pkl'),
    )
    rows = json.loads((tmp_path / 'rows.json').read_text())
    faces = read_csv(tmp_path / 'faces.csv')
    assert len(faces) == 4
    assert rows['wflw/NME'] == pytest.approx(100 * np.mean([face.nme for face in faces]))
    subsets = {subset for face in faces for subset in face.subsets}
    assert subsets
    assert {key.split('/')[1] for key in rows if key.count('/') == 2} == subsets <= set(SIX_SUBSETS)
    assert f'{rows["wflw/NME"]:.2f}' in output
    assert (tmp_path / 'faces.pkl').exists()
    assert weights(tmp_path / 'run' / 'epoch_2.pth')['backbone.blocks.0.bn.temperature'] == pytest.approx(30 - 29 / 7)


def test_training_that_overflows_ends_in_a_line_that_says_where(run_tool, tmp_path):
    settings = ('optim_wrapper.optimizer.lr=1e38', 'param_scheduler=None')
    output = run_tool('tools/train.py', TINY, '--work-dir', 'run', '--cfg-options', *settings, expect=1)
    assert 'error: The loss of iteration 1 (epoch 0) is not finite. First: the ' in output
    assert not (tmp_path / 'run' / 'epoch_1.pth').exists()


def test_mmposes_own_tools_run_our_configs_unchanged(run_tool, tmp_path):
    run_tool(MMPOSE_TOOLS / 'train.py', TINY, '--work-dir', 'theirs')
    run_tool('tools/train.py', TINY, '--work-dir', 'ours')
    assert_same(weights(tmp_path / 'theirs' / 'epoch_4.pth'), weights(tmp_path / 'ours' / 'epoch_4.pth'))
    show = ('--show-dir', 'images')
    run_tool(MMPOSE_TOOLS / 'test.py', TINY, 'ours/epoch_4.pth', '--work-dir', 'a', '--out', 'theirs.json', *show)
    run_tool('tools/test.py', TINY, 'ours/epoch_4.pth', '--work-dir', 'b', '--out', 'ours.json', *show)
    theirs, ours = (json.loads((tmp_path / name).read_text()) for name in ('theirs.json', 'ours.json'))
    assert {key: theirs[key] for key in ours} == ours
    theirs, ours = (
        {path.name: path.read_bytes() for path in (tmp_path / run).rglob('images/*.jpg')} for run in ('a', 'b')
    )
    assert theirs == ours
    assert sorted(ours) == [f'wflw_{index:05d}.jpg' for index in range(4)]


def test_kill_then_resume_ends_like_an_uninterrupted_run(run_tool, synthetic_faces, tmp_path):
    run_tool('tools/train.py', TINY, '--work-dir', 'whole')
    command = [sys.executable, str(ROOT / 'tools' / 'train.py'), str(TINY), '--work-dir', 'killed']
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=os.environ | dict(FACES_ROOT=str(synthetic_faces)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pointer = tmp_path / 'killed' / 'last_checkpoint'
    deadline = time.monotonic() + 120
    while not (pointer.exists() and 'epoch_' in pointer.read_text()):
        assert process.poll() is None, 'the run ended before it could be killed'
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / 'killed' / 'epoch_4.pth').exists()
    (tmp_path / 'killed').rename(tmp_path / 'moved')
    output = run_tool('tools/train.py', TINY, '--work-dir', 'moved', '--resume')
    assert 'resumed epoch' in output
    assert_same(weights(tmp_path / 'moved' / 'epoch_4.pth'), weights(tmp_path / 'whole' / 'epoch_4.pth'))


def test_two_processes_on_cpu_agree(run_tool, tmp_path):
    config = tmp_path / 'two.py'
    config.write_text(
        f"_base_ = '{TINY}'\n"
        "custom_imports = dict(imports=['mmsepbn.registry', 'rank_state_hook'])\n"
        "custom_hooks = [*_base_.custom_hooks, dict(type='mmengine.RankStateHook')]\n"
    )
    path = f'{ROOT / "tests"}:{os.environ.get("PYTHONPATH", "")}'
    arguments = (
        'two.py',
        2,
        '--work-dir',
        'two',
        '--cfg-options',
        'train_cfg.max_epochs=1',
        'train_cfg.val_interval=1',
    )
    output = run_tool('tools/dist_train.sh', *arguments, PORT=free_port(), PYTHONPATH=path, OMP_NUM_THREADS='1')
    first, second = (torch.load(tmp_path / 'two' / f'rank_{rank}.pth') for rank in (0, 1))
    assert_same(first, second)
    assert output.count('│ wflw  ') == 1
    test = ('two.py', 'two/epoch_1.pth')
    run_tool('tools/dist_test.sh', *test, 2, '--out', 'two.json', PORT=free_port(), PYTHONPATH=path)
    run_tool('tools/test.py', *test, '--out', 'one.json', PYTHONPATH=path)
    one, two = (json.loads((tmp_path / f'{name}.json').read_text()) for name in ('one', 'two'))
    assert two == pytest.approx(one, rel=1e-5)


def test_the_network_of_the_package_is_tested_by_its_name(run_tool, tmp_path):
    config = ROOT / 'configs' / 'strong_sepbn_mobilenetv2_300w.py'
    run_tool('tools/test.py', config, 'five_protocols', '--out', 'rows.json')
    assert 0 < json.loads((tmp_path / 'rows.json').read_text())['300w/common/NME'] < 10


def test_a_users_mistakes_end_in_one_line(run_tool, tmp_path):
    gone = run_tool('tools/train.py', TINY, '--work-dir', 'run', FACES_ROOT='/nowhere', expect=1)
    assert 'error: ' in gone
    assert '/nowhere/WFLW/WFLW_annotations' in gone
    missing = run_tool('tools/test.py', TINY, 'no.pth', '--work-dir', 'test', expect=1)
    assert 'error: There is no checkpoint no.pth.' in missing
    groups = 'model.backbone.norm_cfg.num_groups=3'
    setting = run_tool('tools/train.py', TINY, '--work-dir', 'run', '--cfg-options', groups, expect=1)
    assert 'SepBN(num_groups=) must divide num_features. Got 3 groups of 4 features.' in setting
    sampler = 'train_dataloader.sampler.type=Shuffled'  # MMEngine finds out within train()
    data = run_tool('tools/train.py', TINY, '--work-dir', 'late', '--cfg-options', sampler, expect=1)
    assert 'error: KeyError: Shuffled is not in the ' in data
    (log,) = (tmp_path / 'late').rglob('*.log')
    assert 'Traceback' in log.read_text()
    assert 'Traceback' not in gone + missing + setting + data


@pytest.mark.parametrize('script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh'])
@pytest.mark.parametrize('arguments', [(), ('config.py',), ('config.py', 'two')])
def test_scripts_without_their_arguments_print_their_usage(script, arguments, run_tool):
    assert f'{script} ' in run_tool(f'tools/{script}', *arguments, expect=2).partition('usage: ')[2]
