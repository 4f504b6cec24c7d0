import cv2
import numpy as np
import pytest
from helpers import wflw_line
from torch.utils.data import DataLoader

from mmsepbn.datasets import WFLWDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.samplers.draw import seed_draws

PIPELINE = [
    dict(type='mmpose.LoadImage'),
    dict(type='mmsepbn.RandomFaceCrop'),
    dict(type='mmpose.GenerateTarget', encoder=dict(type='mmsepbn.PixelLabel', input_size=(128, 128))),
    dict(type='mmsepbn.PackFaceInputs'),
]


@pytest.fixture
def dataset(tmp_path):
    rng = np.random.default_rng(0)
    cv2.imwrite(str(tmp_path / 'face.png'), rng.integers(0, 255, (140, 140, 3), np.uint8))
    lines = [wflw_line(rng.uniform(20, 100, (98, 2)), image='face.png') for _ in range(6)]
    (tmp_path / 'list.txt').write_text('\n'.join(lines))
    return WFLWDataset(ann_file='list.txt', data_root=str(tmp_path), data_prefix=dict(img=''), pipeline=PIPELINE)


def images(dataset, workers=0, seed=None, epoch=0):
    loader = DataLoader(dataset, batch_size=2, num_workers=workers, collate_fn=list)
    if seed is not None:
        seed_draws(loader, seed).begin(epoch)
    return np.stack([sample['inputs'].numpy() for batch in loader for sample in batch])


def test_a_missing_argument_for_the_annotation_file_is_named(tmp_path):
    for ann_file in ({}, dict(ann_file=None), dict(ann_file='')):
        with pytest.raises(AnnotationError, match=r'WFLWDataset\(ann_file=\) must be the annotation file. Got none.'):
            WFLWDataset(data_root=str(tmp_path), **ann_file)


def test_in_a_seeded_loader_augmentation_depends_on_seed_epoch_and_draw_alone(dataset):
    first = images(dataset, seed=3, epoch=1)
    assert np.array_equal(images(dataset, seed=3, epoch=1, workers=2), first)
    assert not np.array_equal(images(dataset, seed=3, epoch=2), first)
    assert not np.array_equal(images(dataset, seed=4, epoch=1), first)
    assert not np.array_equal(first[0], first[1])


def test_without_a_seeded_loader_the_global_generator_decides_as_in_mmpose(dataset):
    np.random.seed(0)
    first = images(dataset)
    assert not np.array_equal(images(dataset), first)
    np.random.seed(0)
    assert np.array_equal(images(dataset), first)


def test_metainfo_serves_mmpose(dataset):
    meta = dataset.metainfo
    assert meta['num_keypoints'] == 98
    assert meta['flip_indices'][60] == 72
    assert len(meta['keypoint_colors']) == 98
    assert (0, 1) in meta['skeleton_links']
    assert (41, 33) in meta['skeleton_links']


def test_the_name_of_the_set_can_be_replaced(tmp_path, dataset):
    renamed = WFLWDataset(
        ann_file='list.txt', data_root=str(tmp_path), data_prefix=dict(img=''), metainfo=dict(dataset_name='mine')
    )
    assert renamed.get_data_info(0)['dataset_name'] == 'mine'
    assert renamed.get_data_info(0)['protocol'] == 'wflw'


def test_packed_sample_holds_what_head_and_metric_need(dataset):
    sample = dataset[2]['data_samples']
    assert sample.gt_instance_labels.keypoint_labels.shape == (1, 98, 2)
    assert sample.metainfo['subsets'] == ()
    assert sample.metainfo['input_size'] == (128, 128)
    assert sample.gt_instances.keypoints.shape == (1, 98, 2)
