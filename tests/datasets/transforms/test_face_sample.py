import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.structures import MultilevelPixelData, PoseDataSample

from mmsepbn.datasets.transforms.face_sample import FaceSample


@pytest.fixture(params=[FaceSample, PoseDataSample])
def sample(request):
    """Filled in the same way in both classes."""
    filled = request.param(metainfo=dict(img_path='a.jpg', flip_indices=[1, 0], nested=[[1], [2]]))
    filled.gt_instances = InstanceData(keypoints=np.ones((1, 2, 2), np.float32))
    filled.gt_instance_labels = InstanceData(keypoint_labels=torch.ones(1, 2, 2), other=torch.arange(1))
    filled.gt_fields = PixelData(heatmaps=torch.rand(2, 4, 4))
    filled.extra = torch.ones(3)
    return filled


def test_all_tensors_are_moved_and_those_before_stay(sample):
    moved = sample.to('meta')
    assert type(moved) is type(sample)
    assert set(moved.keys()) == set(sample.keys())
    assert moved.metainfo == sample.metainfo
    for place, there in ((sample, 'cpu'), (moved, 'meta')):
        labels = place.gt_instance_labels
        tensors = labels.keypoint_labels, labels.other, place.gt_fields.heatmaps, place.extra
        assert [tensor.device.type for tensor in tensors] == [there] * 4
    assert moved.gt_instances.keypoints is sample.gt_instances.keypoints


def test_a_type_is_taken_as_tensors_take_it(sample):
    labels = sample.to(dtype=torch.float64, non_blocking=True).gt_instance_labels
    assert labels.keypoint_labels.dtype == labels.other.dtype == torch.float64


def test_what_is_set_or_removed_later_is_not_seen_by_the_other(sample):
    moved = sample.to('cpu')
    moved.set_metainfo(dict(pad_shape=(1, 2), img_path='b.jpg'))
    moved.pred_instances = InstanceData(keypoints=np.zeros((1, 2, 2)))
    moved.gt_instance_labels.keypoint_labels = torch.zeros(1, 2, 2)
    del moved.extra
    assert sample.img_path == 'a.jpg'
    assert 'pad_shape' not in sample
    assert 'pred_instances' not in sample
    assert sample.gt_instance_labels.keypoint_labels.sum() == 4
    assert sample.extra.sum() == 3
    assert moved.pad_shape == (1, 2)
    assert 'extra' not in moved


def test_maps_of_several_levels_are_moved():
    sample = FaceSample()
    sample.gt_fields = MultilevelPixelData(heatmaps=[torch.rand(2, 4, 4), torch.rand(2, 8, 8)])
    assert [level.heatmaps.device.type for level in sample.to('meta').gt_fields] == ['meta'] * 2


def test_meta_information_is_shared_and_not_copied():
    sample = FaceSample(metainfo=dict(flip_indices=[1, 0]))
    assert sample.to('cpu').flip_indices is sample.flip_indices
