"""Augmentation follows the draw, through every wrapper and with any number of workers."""

import pickle
import random

import numpy as np
import pytest
import torch
from mmengine.dataset import BaseDataset, ClassBalancedDataset, ConcatDataset, RepeatDataset
from mmengine.runner.runner import _SlicedDataset
from mmpose.datasets.dataset_wrappers import CombinedDataset
from torch.utils.data import BatchSampler, DataLoader, Dataset, IterableDataset, SequentialSampler, Subset
from torch.utils.data import ConcatDataset as TorchConcat

from mmsepbn.datasets.samplers.draw import Draw, fetch, seed_draws


def noise(sample):
    """What a pipeline draws: from numpy's, Python's and torch's global generators."""
    return dict(index=sample['sample_idx'], drawn=(np.random.rand(), random.random(), torch.rand(1).item()))


def own_noise(sample):
    """The pipeline of a wrapper."""
    return dict(index=sample['index'], drawn=(*sample['drawn'], np.random.rand()))


class Faces(BaseDataset):
    def __init__(self, size=5):
        super().__init__(pipeline=[noise], serialize_data=False)
        self.size = size
        self.full_init()

    def full_init(self):
        if hasattr(self, 'size'):
            self.data_list = [dict() for _ in range(self.size)]
            self._fully_initialized = True

    def get_cat_ids(self, index):
        return [0] if index == 0 else [1]


def combined(ratio=None):
    metainfo = dict(dataset_name='d', keypoint_info={}, skeleton_info={}, joint_weights=[], sigmas=[])
    whole = CombinedDataset(metainfo, [], sample_ratio_factor=None, pipeline=[own_noise])
    parts = [Faces(3), Faces(2)]
    whole.datasets, whole._lens = parts, [3, 2]
    if ratio is not None:
        whole.resample, whole._lens_ori, whole._lens = True, [3, 2], [round(ratio * 3), round(ratio * 2)]
    whole._len = sum(whole._lens)
    for key in ('upper_body_ids', 'lower_body_ids', 'flip_pairs', 'dataset_keypoint_weights', 'flip_indices'):
        whole._metainfo[key] = []
    return whole


WRAPPED = {
    'plain': Faces,
    'repeated': lambda: RepeatDataset(Faces(3), times=3),
    'concatenated': lambda: ConcatDataset([Faces(3), Faces(2)]),
    'nested': lambda: TorchConcat([RepeatDataset(Faces(2), times=2), ConcatDataset([Faces(2), Faces(1)])]),
    'class balanced': lambda: ClassBalancedDataset(Faces(5), oversample_thr=0.9),
    'combined': combined,
    'combined and resampled': lambda: combined(ratio=2.0),
    'sliced': lambda: _SlicedDataset(Faces(5), 4),
    'subset': lambda: Subset(Faces(5), [4, 4, 1]),
}


def samples(dataset, seed=3, epoch=1, workers=0, done=0, sampler=None):
    batches = BatchSampler(sampler or SequentialSampler(dataset), batch_size=2, drop_last=False)
    loader = DataLoader(dataset, num_workers=workers, collate_fn=list, batch_sampler=batches)
    seed_draws(loader, seed).begin(epoch, done)
    return [sample for batch in loader for sample in batch]


@pytest.mark.parametrize('name', WRAPPED)
def test_draws_follow_seed_epoch_and_place_in_every_wrapper(name):
    first = samples(WRAPPED[name]())
    assert samples(WRAPPED[name](), workers=2) == first
    assert len({str(sample) for sample in first}) == len(first)
    for other in (dict(seed=4), dict(epoch=2)):
        changed = samples(WRAPPED[name](), **other)
        assert not {sample['drawn'] for sample in changed} & {sample['drawn'] for sample in first}


@pytest.mark.parametrize('workers', [0, 2])
def test_a_face_drawn_again_in_an_epoch_is_augmented_anew(workers):
    again = samples(Faces(5), sampler=[2, 2, 2, 2, 0], workers=workers)
    assert [sample['index'] for sample in again] == [2, 2, 2, 2, 0]
    assert len({sample['drawn'] for sample in again}) == 5


def test_sets_and_seeds_share_no_random_sequence():
    """With the seed of a set as seed + place, set 1 of seed 0 was augmented as set 0 of seed 1."""
    drawn = {
        sample['drawn']
        for seed in (0, 1, 2)
        for epoch in (0, 1, 2)
        for sample in samples(ConcatDataset([Faces(3), Faces(3)]), seed=seed, epoch=epoch)
    }
    assert len(drawn) == 3 * 3 * 6


def test_ranks_draw_apart(monkeypatch):
    first = samples(Faces())
    monkeypatch.setattr('mmsepbn.datasets.samplers.draw.get_rank', lambda: 1)
    assert not {sample['drawn'] for sample in samples(Faces())} & {sample['drawn'] for sample in first}


@pytest.mark.parametrize('workers', [0, 2])
def test_batches_left_out_change_nothing_in_the_others(workers):
    whole = samples(Faces(7), workers=workers)
    assert samples(Faces(7), workers=workers, done=2) == whole[4:]


def test_generators_go_on_as_if_no_sample_had_been_drawn():
    def state():
        return np.random.rand(), random.random(), torch.rand(1).item()

    def begin():
        np.random.seed(1)
        random.seed(1)
        torch.manual_seed(1)

    begin()
    expected = state()
    begin()
    fetch(Faces(), [Draw(1, (0, 0, 0, 0))])
    assert state() == expected


def test_persistent_workers_see_each_epoch():
    loader = DataLoader(Faces(), 2, num_workers=2, persistent_workers=True, collate_fn=list)
    batches = seed_draws(loader, 3)
    assert seed_draws(loader, 3) is batches
    for epoch in range(2):
        batches.begin(epoch)
        assert [sample for batch in loader for sample in batch] == samples(Faces(), epoch=epoch)


def test_without_a_new_beginning_the_numbers_go_on():
    loader = DataLoader(Faces(3), 2, collate_fn=list)
    seed_draws(loader, 3)
    drawn = [sample['drawn'] for _ in range(2) for batch in loader for sample in batch]
    assert len(set(drawn)) == 6


def test_a_draw_is_its_index_and_travels():
    draw = Draw(7, (1, 2))
    assert [*range(9)][draw] == draw == 7
    copied = pickle.loads(pickle.dumps(draw))
    assert (copied, copied.key) == (7, (1, 2))


def test_the_batch_samplers_own_attributes_stay_within_reach():
    loader = DataLoader(Faces(5), 2, drop_last=True)
    inner = loader.batch_sampler
    batches = seed_draws(loader, 0)
    assert loader.batch_sampler is batches
    assert (batches.sampler, batches.batch_size, batches.drop_last) == (inner.sampler, 2, True)
    assert len(loader) == len(batches) == 2
    with pytest.raises(AttributeError):
        batches.no_such_attribute  # noqa: B018


def test_loaders_without_indices_are_left_as_they_are():
    class Stream(IterableDataset):
        def __iter__(self):
            return iter(range(4))

    class Plain(Dataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return index

    assert seed_draws(DataLoader(Stream(), 2), 0) is None
    assert seed_draws(DataLoader(Plain(), None), 0) is None
