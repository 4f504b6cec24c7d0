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
    with pytest.raises(TypeError, match=r'must be a MultiProtocolDataset. Got list'):
        ProportionalMultiDatasetSampler([1, 2])
