"""Loaders that would train nothing or test less than all, against what they yield."""

import pytest
import torch
from mmengine.dataset import DefaultSampler, InfiniteSampler
from torch.utils.data import BatchSampler, DataLoader, TensorDataset

from mmsepbn.datasets.checks.loader import loader_problem, settings_problem


def faces(count):
    return TensorDataset(torch.arange(count))


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('drop_last', [True, False])
@pytest.mark.parametrize('batch', [1, 3, 4, 5])
@pytest.mark.parametrize('count', [1, 3, 4, 6])
def test_a_problem_is_an_epoch_without_steps_or_a_test_without_some_faces(count, batch, drop_last, training):
    loader = DataLoader(faces(count), batch_size=batch, drop_last=drop_last)
    seen = [len(faces) for (faces,) in loader]
    expected = not seen or (not training and sum(seen) < count)
    assert (loader_problem(loader, training) is not None) == expected


def test_the_numbers_are_named():
    loader = DataLoader(faces(7), batch_size=9, drop_last=True)
    assert loader_problem(loader, True) == 'batch_size=9 with drop_last=True leaves no batch of 7 faces.'
    loader = DataLoader(faces(7), batch_size=4, drop_last=True)
    assert loader_problem(loader, False).startswith('drop_last=True drops 3 of 7 faces')
    loader = DataLoader(faces(7), batch_sampler=BatchSampler(range(7), 8, drop_last=True))
    assert loader_problem(loader, True) == 'batch_size=8 with drop_last=True leaves no batch of 7 faces.'


def test_no_faces_at_all():
    empty = DataLoader(faces(0), sampler=[], batch_size=2)
    assert loader_problem(empty, True) == loader_problem(empty, False) == 'gets no faces.'
    small = DataLoader(faces(3), sampler=[], batch_size=2)  # as of a rank beyond the third
    assert loader_problem(small, True) == 'gets no faces.'
    assert loader_problem(small, False) is None


def test_samplers_of_mmengine():
    data = faces(5)
    for sampler in (DefaultSampler(data), InfiniteSampler(data)):
        assert loader_problem(DataLoader(data, sampler=sampler, batch_size=5, drop_last=True), True) is None
        assert loader_problem(DataLoader(data, sampler=sampler, batch_size=6, drop_last=True), True)


@pytest.mark.parametrize(
    ('loader', 'message'),
    [
        (
            [dict(), dict()],
            'must be one loader, a dict; ConcatDataset and MultiProtocolDataset join sets. Got list of 2.',
        ),
        ('x', 'must be one loader'),
        (dict(sampler=dict()), "must have 'dataset'. It has ['sampler']"),
        (dict(dataset=dict()), "must have 'sampler'"),
        (dict(dataset=[dict()], sampler=dict()), 'must have one dataset, a dict'),
        (dict(dataset=dict(), sampler=dict(), num_workers=-1), 'num_workers must be a whole number from 0 on. Got -1'),
        (
            dict(dataset=dict(), sampler=dict(), batch_size=None),
            'batch_size must be a whole number from 1 on. Got None',
        ),
        (dict(dataset=dict(), sampler=dict(), batch_size=0), 'batch_size must be a whole number from 1 on. Got 0'),
        (dict(dataset=dict(), sampler=dict(), batch_size=2.5), 'batch_size must be a whole number from 1 on. Got 2.5'),
        (dict(dataset=None, sampler=dict()), 'must have one dataset'),
    ],
)
def test_settings_from_which_no_loader_can_be_built(loader, message):
    assert settings_problem(loader).startswith(message)


def test_settings_and_loaders_that_are_fine():
    assert settings_problem(dict(dataset=dict(), sampler=dict())) is None
    assert settings_problem(dict(dataset=dict(), sampler=dict(), batch_size=None, batch_sampler=dict())) is None
    assert settings_problem(DataLoader(faces(1))) is None
    assert settings_problem(dict(dataset=faces(1), sampler=dict())) is None  # any data set that is built already
