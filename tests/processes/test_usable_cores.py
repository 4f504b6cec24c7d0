import os

import pytest

from mmsepbn.experiments.schedule import default_jobs
from mmsepbn.processes.usable_cores import usable_cores


def test_cores_of_others_do_not_count(monkeypatch):
    monkeypatch.setattr(os, 'cpu_count', lambda: 64)
    monkeypatch.setattr(os, 'sched_getaffinity', lambda process: {3, 5, 7, 9}, raising=False)
    monkeypatch.setattr('torch.cuda.device_count', lambda: 0)
    assert (usable_cores(), default_jobs(threads=2), default_jobs(threads=9)) == (4, 2, 1)


@pytest.mark.parametrize(('count', 'expected'), [(8, 8), (None, 1)])
def test_where_that_is_not_known_all_cores_count(monkeypatch, count, expected):
    monkeypatch.delattr(os, 'sched_getaffinity', raising=False)
    monkeypatch.setattr(os, 'cpu_count', lambda: count)
    assert usable_cores() == expected
