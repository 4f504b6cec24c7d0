"""A training that is told to end, and one that finds its folder in use."""

import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import ROOT

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'
LOADER = ('train_dataloader.num_workers=1', 'train_dataloader.persistent_workers=True')
LONG = ('--cfg-options', 'train_cfg.max_epochs=500', *LOADER)

pytestmark = pytest.mark.slow


@pytest.fixture
def training(synthetic_faces, tmp_path):
    """A training in the folder ``run`` that has saved its first epoch."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / 'tools' / 'train.py'), str(TINY), '--work-dir', 'run', *LONG],
        cwd=tmp_path,
        env=os.environ | dict(FACES_ROOT=str(synthetic_faces)),
        stdout=(tmp_path / 'log').open('w'),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / 'run' / 'last_checkpoint').exists():
        assert process.poll() is None, (tmp_path / 'log').read_text()[-2000:]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield process
    process.kill()
    process.wait()


def test_another_training_is_kept_out_and_sigterm_ends_with_a_checkpoint(training, run_tool, tmp_path):
    refused = run_tool('tools/train.py', TINY, '--work-dir', 'run', expect=1)
    assert f'is in use by process {training.pid}' in refused
    os.killpg(training.pid, signal.SIGTERM)  # as Slurm does: to the loader's worker too
    assert training.wait(60) == 143
    log = (tmp_path / 'log').read_text()
    assert 'Traceback' not in log
    stopped = (tmp_path / 'run' / 'last_checkpoint').read_text()
    assert f'saved {stopped}' in log
    assert (tmp_path / stopped).exists()
    assert not (tmp_path / 'run' / '.lock').exists()


def test_an_interrupt_ends_in_one_line(training, tmp_path):
    os.killpg(training.pid, signal.SIGINT)
    assert training.wait(60) == 130
    log = (tmp_path / 'log').read_text()
    assert 'Interrupted. Saved files are kept; --resume continues a training.' in log
    assert 'Traceback' not in log
