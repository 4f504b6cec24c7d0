from functools import partial
from multiprocessing.reduction import ForkingPickler

import pytest
import torch
from helpers import data_sample
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader, Dataset

from mmsepbn.processes.batch_transport import pack_batches, packed_collate


class Faces(Dataset):
    """Six of them; the images of uneven ones differ in size."""

    def __init__(self, uneven=False):
        self.uneven = uneven

    def __len__(self):
        return 6

    def __getitem__(self, index):
        generator = torch.Generator().manual_seed(index)
        size = 4 + index * self.uneven
        sample = data_sample(torch.rand(3, 2, generator=generator), [1, 0, 1], img_path=f'{index}.jpg', protocol='wflw')
        sample.half = torch.rand(2, generator=generator).bfloat16()
        return dict(
            data_samples=sample, inputs=torch.randint(256, (3, size, 4), generator=generator, dtype=torch.uint8)
        )


@pytest.fixture
def in_a_worker(monkeypatch):
    monkeypatch.setattr('mmsepbn.processes.batch_transport.get_worker_info', lambda: 'one')


def assert_same(batch, expected):
    assert list(batch) == list(expected)
    assert type(batch) is type(expected) is dict
    for image, other in zip(batch['inputs'], expected['inputs'], strict=True):
        assert torch.equal(image, other)
        assert image.dtype == other.dtype
    for sample, other in zip(batch['data_samples'], expected['data_samples'], strict=True):
        assert sample.metainfo == other.metainfo
        assert torch.equal(sample.half, other.half)
        for key, value in other.gt_instance_labels.items():
            assert torch.equal(sample.gt_instance_labels[key], value)
            assert value.dtype == sample.gt_instance_labels[key].dtype
            sample.gt_instance_labels[key] += 1  # it may be written to


@pytest.mark.parametrize('uneven', [False, True])
def test_batches_of_workers_arrive_as_they_would_otherwise(uneven):
    loaders = [DataLoader(Faces(uneven), 3, num_workers=1, collate_fn=partial(pseudo_collate)) for _ in range(2)]
    pack_batches(loaders[0])
    assert loaders[0].collate_fn is packed_collate
    batches, expected = (list(loader) for loader in loaders)
    assert len(batches) == 2
    for pair in zip(batches, expected, strict=True):
        assert_same(*pair)


@pytest.mark.parametrize(('collate', 'count'), [(packed_collate, 1), (pseudo_collate, 6 * 4)])
def test_one_tensor_is_handed_over_and_not_four_for_each_face(collate, count, in_a_worker, monkeypatch):
    handed = []
    monkeypatch.setitem(ForkingPickler._extra_reducers, torch.Tensor, lambda value: handed.append(value) or (int, ()))
    ForkingPickler.dumps(collate([Faces()[index] for index in range(6)]))
    assert len(handed) == count


@pytest.mark.parametrize('collate', [len, partial(pseudo_collate, 1), None])
def test_other_ways_to_collate_stay(collate):
    loader = DataLoader(Faces(), 3, collate_fn=collate)
    before = loader.collate_fn
    pack_batches(loader)
    assert loader.collate_fn is before


@pytest.mark.parametrize('samples', [[1, 2], [dict(x=1)], [dict(inputs=1), dict(inputs=2)], [(torch.ones(2), 1)]])
def test_other_samples_are_collated_as_before(samples, in_a_worker):
    assert str(packed_collate(samples)) == str(pseudo_collate(samples))


def test_without_workers_nothing_is_packed():
    samples = [Faces()[index] for index in range(2)]
    assert_same(packed_collate(samples), pseudo_collate(samples))


def test_what_cannot_be_pickled_is_an_error_and_not_an_endless_wait():
    class Local(Faces):
        def __getitem__(self, index):
            return {**super().__getitem__(index), 'function': lambda: None}

    loader = DataLoader(Local(), 3, num_workers=1, collate_fn=partial(pseudo_collate))
    pack_batches(loader)
    with pytest.raises(AttributeError, match="Can't pickle local object"):
        next(iter(loader))


class HeatMaps(Faces):
    """Samples with a tensor of more than 64 KiB beside the small ones."""

    def __getitem__(self, index):
        sample = super().__getitem__(index)
        return dict(sample, maps=torch.full((3, 128, 64), float(index)))


def test_large_tensors_share_memory(in_a_worker, monkeypatch):
    handed = []
    monkeypatch.setitem(ForkingPickler._extra_reducers, torch.Tensor, lambda value: handed.append(value) or (int, ()))
    ForkingPickler.dumps(packed_collate([HeatMaps()[index] for index in range(4)]))
    assert [tuple(value.shape) for value in handed] == [(4, 3, 4, 4), *[(3, 128, 64)] * 4]


def test_large_tensors_arrive():
    loader = DataLoader(HeatMaps(), 3, num_workers=1, collate_fn=partial(pseudo_collate))
    expected = list(DataLoader(HeatMaps(), 3, collate_fn=pseudo_collate))
    pack_batches(loader)
    for batch, other in zip(loader, expected, strict=True):
        assert all(map(torch.equal, batch.pop('maps'), other.pop('maps')))
        assert_same(batch, other)


class Odd(Faces):
    """Samples with tensors that are not all in an array of numpy's; some as the images."""

    def __init__(self, images):
        super().__init__()
        self.images = images

    def __getitem__(self, index):
        sample = super().__getitem__(index)
        odd = dict(sparse=torch.eye(3).to_sparse(), float8=torch.ones(2).to(torch.float8_e4m3fn))
        images = dict(inputs=sample['inputs'].float().to_sparse()) if self.images else {}
        return sample | odd | images


@pytest.mark.parametrize('images', [False, True])
def test_unusual_tensors_arrive(images):
    loader = DataLoader(Odd(images), 3, num_workers=1, collate_fn=partial(pseudo_collate), timeout=60)
    pack_batches(loader)
    batch = next(iter(loader))
    assert torch.equal(batch['sparse'][2].to_dense(), torch.eye(3))
    assert batch['float8'][0].float().tolist() == [1, 1]
    assert torch.equal(batch['inputs'][1].to_dense(), Faces()[1]['inputs'].to(batch['inputs'][1].dtype))
