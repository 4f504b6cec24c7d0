"""Data sets that read their faces from a cache, beside the same that read their images."""

import copy
import pickle
import shutil

import numpy as np
import pytest
from mmengine.registry import DATASETS

from mmsepbn.datasets.face_cache.cache_file import FaceCacheError
from mmsepbn.datasets.face_cache.link import VARIABLE
from mmsepbn.datasets.sample_seed import seeded


def drawn(dataset, index, seed=0):
    with seeded(seed):
        packed = dataset[index]
    return packed['inputs'].numpy().astype(int), packed['data_samples']


def assert_same_faces(cached, plain, mean, largest):
    for index in range(len(plain)):
        for seed in range(3):
            (pixels, sample), (expected, other) = drawn(cached, index, seed), drawn(plain, index, seed)
            assert repr(sample.metainfo) == repr(other.metainfo)
            for labels in ('keypoint_labels', 'keypoint_weights'):
                assert np.array_equal(sample.gt_instance_labels[labels], other.gt_instance_labels[labels])
            difference = np.abs(pixels - expected)
            assert difference.mean() < mean
            assert difference.max() < largest


@pytest.mark.slow
@pytest.mark.parametrize('name', ['wflw', 'cofw', '300w', 'aflw', 'wider_face'])
def test_landmarks_are_the_same_and_pixels_nearly(name, config, cache, tmp_path, monkeypatch):
    settings = config(name)
    plain = DATASETS.build(copy.deepcopy(settings))
    cache(settings)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert_same_faces(DATASETS.build(copy.deepcopy(settings)), plain, mean=5, largest=100)


def test_without_shrinking_and_jpeg_pixels_are_the_same(config, cache, tmp_path, monkeypatch):
    """The faces' boxes have about 70 pixels, crops of 160 keep all of them."""
    settings = config(crop=dict(input_size=(160, 160)))
    plain = DATASETS.build(copy.deepcopy(settings))
    cache(settings, quality=None)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert_same_faces(DATASETS.build(copy.deepcopy(settings)), plain, mean=0.01, largest=3)  # steps of 1/32 pixel


@pytest.mark.parametrize('quality', [95, None])
def test_no_image_is_read(quality, config, cache, tmp_path, monkeypatch):
    settings = config()
    plain = DATASETS.build(copy.deepcopy(settings))
    cache(settings, quality)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    dataset = DATASETS.build(copy.deepcopy(settings))
    monkeypatch.setattr('mmsepbn.datasets.transforms.load_face_image.read_image', None)
    assert len([dataset[index] for index in range(8)]) == 8
    with pytest.raises(TypeError):
        plain[0]


def wrapped(kind, one):
    return dict(
        repeat=dict(type='RepeatDataset', times=2, dataset=one),
        concat=dict(type='ConcatDataset', datasets=[one, one]),
        union=dict(type='mmsepbn.MultiProtocolDataset', datasets=dict(a=one, b=one)),
        some=one | dict(indices=[6, 1]),
    )[kind]


@pytest.mark.slow
@pytest.mark.parametrize('kind', ['repeat', 'concat', 'union', 'some'])
def test_wrapped_sets_and_parts_of_sets_read_the_same_cache(kind, config, cache, tmp_path, monkeypatch):
    settings = config()
    plain = DATASETS.build(wrapped(kind, copy.deepcopy(settings)))
    cache(settings)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    cached = DATASETS.build(wrapped(kind, copy.deepcopy(settings)))
    monkeypatch.setattr('mmsepbn.datasets.transforms.load_face_image.image_bytes', None)
    for index in range(len(plain)):
        (pixels, sample), (expected, other) = drawn(cached, index), drawn(plain, index)
        assert sample.img_path == other.img_path
        assert np.abs(pixels - expected).mean() < 5


def test_workers_get_it_by_its_name(config, cache, tmp_path, monkeypatch):
    settings = config()
    cache(settings)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    dataset = DATASETS.build(copy.deepcopy(settings))
    sent = pickle.dumps(dataset)
    assert len(sent) < 60_000  # of the annotations
    pixels, _ = drawn(dataset, 3)
    for other in (pickle.loads(sent), copy.deepcopy(dataset), dataset.get_subset([3])):
        assert np.array_equal(drawn(other, 3 if len(other) > 1 else 0)[0], pixels)


def test_a_moved_data_set_keeps_its_cache(config, cache, tmp_path, monkeypatch):
    settings = config()
    cache(settings)
    moved = shutil.copytree(settings['data_root'], tmp_path / 'moved')
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert len(DATASETS.build(settings | dict(data_root=str(moved)))) == 8


def changed_box(root):
    file = root / 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'
    lines = [line.split() for line in file.read_text().splitlines()]
    lines[2][196] = str(int(float(lines[2][196])) - 1)
    file.write_text('\n'.join(map(' '.join, lines)))


def changed_image(root):
    file = next((root / 'WFLW_images').rglob('*.jpg'))
    file.write_bytes(file.read_bytes() + b' ')


def changed_count(root):
    file = root / 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'
    file.write_text(''.join(file.read_text().splitlines(keepends=True)[:-1]))


@pytest.mark.parametrize('change', [changed_box, changed_image, changed_count])
def test_a_stale_cache_is_refused_by_its_name(change, config, cache, tmp_path, monkeypatch):
    settings = config()
    root = shutil.copytree(settings['data_root'], tmp_path / 'faces')
    settings['data_root'] = str(root)
    path = cache(settings)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    DATASETS.build(copy.deepcopy(settings))
    change(root)
    with pytest.raises(FaceCacheError, match=rf'{path.name} is of other annotations, boxes or images.*cache_faces'):
        DATASETS.build(settings)


def test_a_set_without_a_cache_is_refused(config, tmp_path, monkeypatch):
    settings = config()
    for folder in (tmp_path, tmp_path / 'missing'):
        monkeypatch.setenv(VARIABLE, str(folder))
        with pytest.raises(FaceCacheError, match=r'has no cache of the 8 faces of .*list_98pt_rect_attr_train\.txt'):
            DATASETS.build(copy.deepcopy(settings))


@pytest.mark.parametrize(
    ('crop', 'serves'),
    [
        ({}, True),
        (dict(rotation=10, corner_jitter=0.1), True),
        (dict(type='mmsepbn.FaceCrop'), True),
        (dict(input_size=(48, 32)), True),
        (dict(padding=1.05), False),
        (dict(rotation=30), False),
        (dict(corner_jitter=0.2), False),
        (dict(shear=0.4), False),
        (dict(input_size=(32, 64)), False),
    ],
)
def test_a_cache_serves_the_crops_that_it_holds(crop, serves, config, cache, tmp_path, monkeypatch):
    cache(config())
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    settings = config(crop=crop)
    if settings['pipeline'][1]['type'] == 'mmsepbn.FaceCrop':
        settings['pipeline'][1] = dict(type='mmsepbn.FaceCrop', input_size=(48, 48))
    if serves:
        assert len(DATASETS.build(settings)) == 8
    else:
        with pytest.raises(FaceCacheError, match=r'\.faces is for other crops: .* at 48 pixels, and'):
            DATASETS.build(settings)


def test_other_pipelines_read_images(config, tmp_path, monkeypatch):
    said = []
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr('mmsepbn.datasets.face_cache.link.print_log', lambda text, *_: said.append(text))
    load, crop, *_ = config()['pipeline']
    for pipeline in ([], [load], [load, dict(type='GetBBoxCenterScale'), crop]):
        assert len(DATASETS.build(config() | dict(pipeline=pipeline))) == 8
    assert said == 2 * ['FACE_CACHE is not used for WFLWDataset: no FaceCrop directly after LoadFaceImage.']


def test_tests_read_images(config, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))  # which has no cache
    assert DATASETS.build(config(test_mode=True))[0]['inputs'].shape == (3, 48, 48)
    with pytest.raises(FaceCacheError, match='has no cache'):
        DATASETS.build(config())
