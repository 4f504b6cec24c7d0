"""Faces of data sets as the network gets them."""

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import DATASETS, init_default_scope

from mmsepbn.visualization.sample_sheet import sample_row

CELL, GAP, HEADING = 64, 4, 24


def cells(row):
    """The cells of a row, its heading cut off."""
    return [row[HEADING:, left : left + CELL] for left in range(0, row.shape[1], CELL + GAP)]


def dots(cell):
    """Whether pixels are of the landmarks' green."""
    return (cell.astype(int)[..., 1] > 200) & (cell.astype(int)[..., [0, 2]].max(axis=-1) < 130)


@pytest.fixture
def config(synthetic_faces, monkeypatch):
    """WIDER FACE's config, whose five landmarks can be told apart."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    cfg = Config.fromfile('configs/_base_/datasets/sets.py')
    init_default_scope('mmpose')
    return cfg.wider_face_train | dict(min_size=10)


def test_landmarks_are_drawn_where_the_pipeline_puts_them(config):
    plain = config | dict(pipeline=[dict(type='mmsepbn.LoadFaceImage'), dict(type='mmsepbn.FaceCrop')])
    dataset = DATASETS.build(plain)
    row = sample_row('faces', dataset, count=3, cell=CELL)
    assert row.shape == (HEADING + CELL, 3 * (CELL + GAP), 3)
    for cell, index in zip(cells(row), (0, 4, 7), strict=True):
        sample = dataset[index]
        for x, y in (sample['transformed_keypoints'][0] + 0.5) * CELL / 128 - 0.5:
            near = dots(cell)[max(round(y) - 1, 0) : round(y) + 2, max(round(x) - 1, 0) : round(x) + 2]
            assert near.any(), (index, x, y)


def test_training_faces_are_augmented_the_same_each_time(config):
    state = np.random.get_state()[1].copy()
    first, second = (sample_row('faces', DATASETS.build(config), cell=CELL) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(np.random.get_state()[1], state)
    plain = config | dict(pipeline=[dict(type='mmsepbn.LoadFaceImage'), dict(type='mmsepbn.FaceCrop')])
    unchanged = cells(sample_row('', DATASETS.build(plain), cell=CELL))
    same = [np.array_equal(a, b) for a, b in zip(cells(first), unchanged, strict=True)]
    assert len(same) == 8
    assert sum(same) < 4


def test_what_changes_pixels_after_the_crop_is_seen(config):
    crop = [dict(type='mmsepbn.LoadFaceImage'), dict(type='mmsepbn.FaceCrop')]
    rest = [dict(type='mmsepbn.PackFaceInputs')]
    sharp, blurred = (
        sample_row('', DATASETS.build(config | dict(pipeline=[*crop, *extra, *rest])), count=2, cell=CELL)
        for extra in ([], [dict(type='mmsepbn.RandomBlur', sigma=(4.0, 4.0), prob=1.0)])
    )
    steps = [np.abs(np.diff(row.astype(int), axis=1)).mean() for row in (sharp, blurred)]
    assert steps[1] < 0.8 * steps[0]


def test_landmarks_without_annotation_are_left_out(config, monkeypatch):
    from mmsepbn.datasets import WiderFaceDataset

    whole = WiderFaceDataset.get_data_info
    monkeypatch.setattr(
        WiderFaceDataset,
        'get_data_info',
        lambda self, index: whole(self, index) | dict(keypoints_visible=np.zeros((1, 5), np.float32)),
    )
    assert not dots(sample_row('faces', DATASETS.build(config), cell=CELL)[HEADING:]).any()


def test_a_pipeline_without_a_crop_is_refused(config):
    with pytest.raises(ValueError, match='no transform sets transformed_keypoints'):
        sample_row('faces', DATASETS.build(config | dict(pipeline=[dict(type='mmsepbn.LoadFaceImage')])))
