import resource
import subprocess
import sys

import pytest
import torch.multiprocessing

from mmsepbn.cli.open_files import allow_open_files, files_needed


@pytest.fixture
def limits():
    """The limits of this process, and the way in which tensors travel, as they were."""
    before, strategy = resource.getrlimit(resource.RLIMIT_NOFILE), torch.multiprocessing.get_sharing_strategy()
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
    torch.multiprocessing.set_sharing_strategy(strategy)


def test_the_soft_limit_is_raised_to_the_hard_one(limits):
    _, hard = limits
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    allow_open_files(dict(train_dataloader=dict(batch_size=8, num_workers=2)))
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    assert torch.multiprocessing.get_sharing_strategy() == 'file_descriptor'


def test_where_the_limit_does_not_do_tensors_travel_as_named_files(limits, capsys, monkeypatch):
    monkeypatch.setattr(resource, 'getrlimit', lambda _: (1024, 1024))  # a lowered hard limit could not be raised again
    allow_open_files(dict(train_dataloader=dict(batch_size=128, num_workers=8)))
    assert torch.multiprocessing.get_sharing_strategy() == 'file_system'


def test_a_loader_without_workers_needs_none():
    assert files_needed(dict(batch_size=1000, num_workers=0)) == files_needed(dict(batch_size=1000)) == 0


def test_more_batches_ahead_need_more():
    usual = files_needed(dict(batch_size=128, num_workers=8))
    # Three tensors of 128 faces in the 16 batches that wait.
    assert usual > 3 * 128 * 16
    assert files_needed(dict(batch_size=128, num_workers=8, prefetch_factor=4)) > 1.8 * usual


SCRIPT = """
import torch
from torch.utils.data import DataLoader

from mmsepbn.cli.open_files import allow_open_files


class Faces(torch.utils.data.Dataset):
    def __len__(self):
        return 2048

    def __getitem__(self, index):
        return torch.full((4,), index), torch.zeros(2), torch.zeros(1)


settings = dict(batch_size=128, num_workers=4)
allow_open_files(dict(train_dataloader=settings))  # without it the workers stop and the training waits for ever
print('sum', sum(int(face[0]) for batch in DataLoader(Faces(), collate_fn=list, **settings) for face, *_ in batch))
"""


@pytest.mark.slow
def test_large_batches_pass_a_low_limit():
    command = ['bash', '-c', f'ulimit -n 320; exec {sys.executable} -']
    done = subprocess.run(command, input=SCRIPT, capture_output=True, text=True, timeout=120)
    assert f'sum {sum(range(2048))}' in done.stdout, done.stderr[-2000:]
    assert 'ulimit -n' in done.stdout + done.stderr


def test_a_hard_limit_that_the_system_does_not_take_as_a_soft_one_is_left(limits, monkeypatch):
    def refuse(*_):
        raise ValueError('current limit exceeds maximum limit')

    monkeypatch.setattr(resource, 'getrlimit', lambda _: (256, resource.RLIM_INFINITY))
    with monkeypatch.context() as patch:
        patch.setattr(resource, 'setrlimit', refuse)
        allow_open_files(dict(train_dataloader=dict(batch_size=8, num_workers=2)))
