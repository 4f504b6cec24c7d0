import time
from argparse import Namespace
from pathlib import Path
from urllib.error import URLError

import pytest
import torch.distributed as dist
from helpers import ROOT
from torch.utils.data import DataLoader, Dataset

from mmsepbn.apis.options import OptionError
from mmsepbn.apis.run_config import leave_process_group, readable_errors, training_config
from mmsepbn.compat import CheckpointError


@pytest.fixture
def configured(tmp_path):
    """The config of a training, by its name and options."""

    def configure(name, **options):
        defaults = dict(
            cfg_options=None,
            launcher='none',
            local_rank=0,
            no_validate=False,
            amp=False,
            auto_scale_lr=False,
            resume=None,
        )
        config = str(ROOT / 'configs' / name)
        return training_config(Namespace(config=config, work_dir=str(tmp_path), **{**defaults, **options}))

    return configure


@pytest.fixture
def resumed(configured):
    """A stage-2 config with --resume."""

    def resume(value):
        cfg = configured('cnt_sepbn_vanilla_wflw.py', resume=value)
        return cfg.resume, cfg.load_from

    return resume


def test_resume_without_a_checkpoint_begins_as_the_config_says(resumed):
    assert resumed('auto') == (False, 'work_dirs/cnt_sepbn_vanilla/epoch_500.pth')


def test_resume_takes_the_last_checkpoint_of_the_folder_wherever_it_was(resumed, tmp_path):
    (tmp_path / 'last_checkpoint').write_text('/where/it/lay/epoch_7.pth\n')
    assert resumed('auto') == (True, str(tmp_path / 'epoch_7.pth'))
    assert resumed('a.pth') == (True, 'a.pth')


def test_training_shorter_than_its_warm_up_is_refused_by_name(configured):
    def small(epochs):
        return configured('demo/bn_vanilla_wflw.py', cfg_options={'train_cfg.max_epochs': epochs})

    assert small(3).train_cfg.max_epochs == 3
    for epochs in (1, 2):
        with pytest.raises(
            OptionError, match=f'max_epochs must exceed 2, where CosineAnnealingLR begins, got {epochs}'
        ):
            small(epochs)


def test_schedules_with_an_end_of_their_own_take_any_number_of_epochs(configured):
    cfg = configured('bn_vanilla_wflw.py', cfg_options={'train_cfg.max_epochs': 1})
    assert cfg.param_scheduler[-1].begin > cfg.train_cfg.max_epochs


class Unreadable(Dataset):
    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise FileNotFoundError('The picture a: b.png cannot be read.')


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (
            URLError('no name'),
            r'^error: Pretrained weights cannot be fetched: .*no name.* Name a local file',
        ),
        (
            CheckpointError('broken.pth is refused'),
            r'^error: broken.pth is refused\n\(MMSEPBN_TRACEBACK=1 shows',
        ),
    ],
)
def test_mistakes_of_the_user_end_in_their_message(error, message, monkeypatch):
    monkeypatch.delenv('MMSEPBN_TRACEBACK', raising=False)
    with pytest.raises(SystemExit, match=message), readable_errors():
        raise error


def test_mistakes_found_by_a_worker_end_in_their_message_too(monkeypatch):
    monkeypatch.delenv('MMSEPBN_TRACEBACK', raising=False)
    loader = DataLoader(Unreadable(), num_workers=1)
    with pytest.raises(SystemExit) as end, readable_errors():
        next(iter(loader))
    assert str(end.value) == 'error: The picture a: b.png cannot be read.\n(MMSEPBN_TRACEBACK=1 shows where)'


def test_mistakes_of_the_code_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), readable_errors():
        raise ZeroDivisionError


def gloo_threads():
    names = (task.read_text() for task in Path('/proc/self/task').glob('*/comm'))
    return sum('gloo' in name for name in names)


def seen(condition):
    # a thread takes its name after it has begun and leaves /proc after it has been joined
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.001)
    return condition()


@pytest.mark.skipif(not Path('/proc/self/task').exists(), reason='counts the threads of /proc')
def test_no_thread_of_a_group_outlives_it(tmp_path):
    class Runner:
        def __init__(self):
            self.itself = self
            self.group = dist.group.WORLD

    dist.init_process_group('gloo', f'file://{tmp_path / "store"}', rank=0, world_size=1)
    Runner()
    assert seen(lambda: gloo_threads() > 0)
    leave_process_group()
    assert not dist.is_initialized()
    assert seen(lambda: gloo_threads() == 0)
