import math
import tracemalloc
from itertools import chain
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import chisquare

from mmsepbn.datasets import MultiProtocolDataset, ProportionalMultiDatasetSampler
from mmsepbn.datasets.samplers import proportional
from mmsepbn.datasets.samplers.proportional import draw_indices

PAPER_SIZES = (1345, 20000, 7500, 3148, 9770)


def make_sampler(sizes=(5, 20, 11), rank=0, world_size=1, monkeypatch=None, **kwargs):
    dataset = MultiProtocolDataset.__new__(MultiProtocolDataset)
    dataset.datasets = {str(size): SimpleNamespace(__len__=None) for size in sizes}
    dataset._ends = list(np.cumsum(sizes))
    monkeypatch.setattr(MultiProtocolDataset, 'sizes', property(lambda self: dict(zip('abcdef', sizes, strict=False))))
    monkeypatch.setattr(proportional, 'get_dist_info', lambda: (rank, world_size))
    return ProportionalMultiDatasetSampler(dataset, **({'seed': 1} | kwargs))


def drawn_sets(indices, sizes):
    return np.bincount(np.searchsorted(np.cumsum(sizes), indices, side='right'), minlength=len(sizes))


@pytest.mark.parametrize('exponent', [0.0, 0.5, 1.0])
def test_sets_are_drawn_in_proportion_to_size_to_the_exponent(exponent):
    counts = drawn_sets(draw_indices(PAPER_SIZES, exponent, 41763, seed=0, epoch=0), PAPER_SIZES)
    weights = np.array(PAPER_SIZES, float) ** exponent
    assert chisquare(counts, counts.sum() * weights / weights.sum()).pvalue > 0.01


def test_faces_of_a_set_are_used_up_before_one_comes_again():
    indices = draw_indices((3, 50), 0.0, 40, seed=0, epoch=0)
    small, large = indices[indices < 3], indices[indices >= 3]
    assert len(set(large)) == len(large)
    for start in range(0, len(small) - 2, 3):
        assert sorted(small[start : start + 3]) == [0, 1, 2]


def plainly_drawn(sizes, exponent, count, seed, epoch):
    """The same at once; resumed runs depend on every index."""
    rng = np.random.default_rng((seed, epoch))
    weights = np.array(sizes, float) ** exponent
    chosen = rng.choice(len(sizes), size=count, p=weights / weights.sum())
    faces = []
    for size, needed in zip(sizes, np.bincount(chosen, minlength=len(sizes)), strict=True):
        rounds = [rng.permutation(size).tolist() for _ in range(math.ceil(needed / size))]
        faces.append(chain.from_iterable(rounds))
    return [sum(sizes[:place]) + next(faces[place]) for place in chosen]


@pytest.mark.parametrize(
    ('sizes', 'exponent', 'count'),
    [((5, 20, 11), 1.0, 36), ((3, 50), 0.0, 40), ((1, 900, 1), 0.0, 1000), ((5, 10**6), 1.0, 1), ((300,), 1.0, 301)],
)
def test_drawing_in_parts_changes_no_index(sizes, exponent, count, monkeypatch):
    monkeypatch.setattr(proportional, '_AT_ONCE', 7)
    for seed, epoch in ((0, 0), (3, 1)):
        expected = plainly_drawn(sizes, exponent, count, seed, epoch)
        assert draw_indices(sizes, exponent, count, seed, epoch).tolist() == expected


@pytest.mark.parametrize('sizes', [(10**6,), (200_000, 500_000, 300_000)])
def test_an_epoch_keeps_eight_bytes_a_face_and_is_drawn_within_three_times_as_many(sizes, monkeypatch):
    sampler = make_sampler(sizes, rank=1, world_size=2, monkeypatch=monkeypatch)
    tracemalloc.start()
    indices = iter(sampler)
    next(indices)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3.3 * 8 * sum(sizes)
    assert held < 1.2 * 8 * len(sampler)


def test_an_epoch_is_a_function_of_seed_and_epoch(monkeypatch):
    sampler = make_sampler(monkeypatch=monkeypatch)
    first = list(sampler)
    assert list(sampler) == first
    sampler.set_epoch(1)
    second = list(sampler)
    assert second != first
    resumed = make_sampler(monkeypatch=monkeypatch)
    resumed.set_epoch(1)
    assert list(resumed) == second
    assert list(make_sampler(seed=2, monkeypatch=monkeypatch)) != first


@pytest.mark.parametrize(('world_size', 'total'), [(2, 36), (3, 36), (5, 40)])
def test_ranks_share_one_order_in_equal_parts(world_size, total, monkeypatch):
    shares = []
    for rank in range(world_size):
        sampler = make_sampler(rank=rank, world_size=world_size, monkeypatch=monkeypatch)
        shares.append(list(sampler))
        assert len(sampler) == len(shares[-1]) == total / world_size
    together = [shares[i % world_size][i // world_size] for i in range(total)]
    assert together == draw_indices((5, 20, 11), 1.0, total, seed=1, epoch=0).tolist()


def test_bad_parameters_are_named(monkeypatch):
    with pytest.raises(ValueError, match=r'exponent=\) must be at least 0. Got -1'):
        make_sampler(exponent=-1, monkeypatch=monkeypatch)
    for exponent in (math.inf, 1000, 310 / math.log10(20)):
        with pytest.raises(ValueError, match=r'exponent=\) must be so small .* Got .* for sets of \[5, 20, 11\] faces'):
            make_sampler(exponent=exponent, monkeypatch=monkeypatch)
    with pytest.raises(TypeError, match=r'must be a MultiProtocolDataset. Got list'):
        ProportionalMultiDatasetSampler([1, 2])
