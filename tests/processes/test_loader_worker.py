import multiprocessing
import os
import signal
import time

import pytest
import torch
from helpers import is_running
from torch.utils.data import DataLoader, Dataset

from mmsepbn.processes.loader_worker import end_workers_with_parent

pytestmark = pytest.mark.skipif(not hasattr(signal, 'sigtimedwait'), reason='the system tells no sender of a signal')


class Slow(Dataset):
    """Hands its process to the reader of a pipe, then takes for ever."""

    def __init__(self, pipe, seconds=600):
        self.pipe, self.seconds = pipe, seconds

    def __len__(self):
        return 2

    def __getitem__(self, index):
        self.pipe.send(os.getpid())
        time.sleep(self.seconds)
        return torch.tensor(float(index))


def load(pipe):
    loader = DataLoader(Slow(pipe), num_workers=1, multiprocessing_context='fork')
    end_workers_with_parent(loader)
    next(iter(loader))


def gone(pid, seconds=30):
    deadline = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_a_worker_ends_when_its_process_was_killed():
    ours, theirs = multiprocessing.Pipe()
    parent = multiprocessing.get_context('fork').Process(target=load, args=(theirs,))
    parent.start()
    worker = ours.recv()
    assert not gone(worker, 0.2)
    parent.kill()
    parent.join()
    assert gone(worker)


def test_a_worker_outlives_the_sigterm_of_others_and_not_that_of_its_process():
    ours, theirs = multiprocessing.Pipe()
    loader = DataLoader(Slow(theirs, 1), num_workers=1, multiprocessing_context='fork')
    end_workers_with_parent(loader)
    end_workers_with_parent(loader)
    batches = iter(loader)
    worker = ours.recv()
    killer = multiprocessing.get_context('fork').Process(target=os.kill, args=(worker, signal.SIGTERM))
    killer.start()
    killer.join()
    assert [float(batch) for batch in batches] == [0, 1]
    del batches
    assert gone(worker, 3)


def test_a_workers_own_start_is_kept():
    ours, theirs = multiprocessing.Pipe()
    loader = DataLoader(Slow(theirs, 0), num_workers=1, worker_init_fn=theirs.send, multiprocessing_context='fork')
    end_workers_with_parent(loader)
    next(iter(loader))
    assert ours.recv() == 0


@pytest.mark.slow
def test_a_worker_that_hangs_is_terminated():
    ours, theirs = multiprocessing.Pipe()
    loader = DataLoader(Slow(theirs), num_workers=1, multiprocessing_context='fork', timeout=1)
    end_workers_with_parent(loader)
    batches = iter(loader)
    with pytest.raises(RuntimeError, match='timed out'):
        next(batches)
    worker = ours.recv()
    del batches
    assert gone(worker)
