import copy

import pytest
from mmengine.registry import DATASETS, DefaultScope

from mmsepbn.datasets.face_cache.about import CacheAbout, faces_key
from mmsepbn.datasets.face_cache.build import FaceToCut, build_cache
from mmsepbn.datasets.face_cache.link import VARIABLE, loading_crop

SETS = {
    'wflw': dict(
        type='mmsepbn.WFLWDataset',
        data_root='WFLW',
        data_prefix=dict(img='WFLW_images'),
        ann_file='WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt',
    ),
    'cofw': dict(type='mmsepbn.COFWDataset', data_root='COFW', ann_file='COFW_train_color.mat'),
    '300w': dict(type='mmsepbn.Face300WDataset', data_root='300W', split='train'),
    'aflw': dict(
        type='mmsepbn.AFLWDataset',
        data_root='AFLW',
        ann_file='AFLWinfo_release.mat',
        data_prefix=dict(img='aflw/data/flickr'),
        num_train=8,
    ),
    'wider_face': dict(
        type='mmsepbn.WiderFaceDataset',
        data_root='WIDER_FACE',
        ann_file='train/label.txt',
        data_prefix=dict(img='train/images'),
        min_size=1,
    ),
}


@pytest.fixture
def config(synthetic_faces, monkeypatch):
    """The config of a set with a small augmented crop, which some settings may change."""
    monkeypatch.setattr(DefaultScope, '_instance_dict', DefaultScope._instance_dict.copy())
    DefaultScope.get_instance('cache', scope_name='mmpose')
    monkeypatch.delenv(VARIABLE, raising=False)

    def make(name='wflw', crop=None, **changes):
        config = copy.deepcopy(SETS[name]) | changes
        config['data_root'] = str(synthetic_faces / config['data_root'])
        config['pipeline'] = [
            dict(type='mmsepbn.LoadFaceImage'),
            dict(type='mmsepbn.RandomFaceCrop', input_size=(48, 48)) | dict(crop or {}),
            dict(type='GenerateTarget', encoder=dict(type='mmsepbn.PixelLabel', input_size=(48, 48))),
            dict(type='mmsepbn.PackFaceInputs'),
        ]
        return config

    return make


@pytest.fixture
def cache(tmp_path):
    """Make the cache of a config's set in ``tmp_path``; returns its file."""

    def make(config, quality=95, folder=tmp_path):
        dataset = DATASETS.build(copy.deepcopy(config))
        samples = dataset.load_data_list()
        about = CacheAbout(faces_key(dataset, samples), loading_crop(dataset)[1].reach, quality)
        path = folder / about.key.file_name
        build_cache(path, [FaceToCut(sample['img_path'], sample['bbox'][0]) for sample in samples], about)
        return path

    return make
