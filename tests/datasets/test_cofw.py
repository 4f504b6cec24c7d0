"""COFW against the numbers of its file; wrong files are in test_official_errors, round trips in test_writers."""

import json

import cv2
import h5py
import numpy as np
import pytest

from mmsepbn.datasets import COFWDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.synthetic import generate_faces, write_cofw


@pytest.fixture(scope='module')
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp('cofw')
    write_cofw(root, list(generate_faces(3, seed=5, size=64, workers=1)), [])
    return root


def test_1_is_subtracted_once_from_points_and_from_the_corner_of_the_box(written):
    with h5py.File(written / 'COFW_train_color.mat') as file:
        numbers, boxes = file['phisTr'][()], file['bboxesTr'][()]
    dataset = COFWDataset(data_root=str(written), ann_file='COFW_train_color.mat')
    for index in range(3):
        info = dataset.get_data_info(index)
        np.testing.assert_allclose(info['keypoints'][0, :, 0], numbers[:29, index] - 1, atol=1e-4)
        np.testing.assert_allclose(info['keypoints'][0, :, 1], numbers[29:58, index] - 1, atol=1e-4)
        x, y, width, height = boxes[:, index]
        assert info['bbox'].tolist() == [[x - 1, y - 1, x - 1 + width, y - 1 + height]]
        assert info['img_path'] == f'{written}/COFW_train_color.mat#{index}'
        assert info['box_source'] == 'official'


def test_occluded_landmarks_count_and_pictures_are_left_alone(written, tmp_path):
    changed = tmp_path / 'COFW_train_color.mat'
    changed.write_bytes((written / 'COFW_train_color.mat').read_bytes())
    with h5py.File(changed, 'a') as file:
        file['phisTr'][58:, 0] = 1
        del file['#refs#/image0']  # its reference now leads nowhere
    dataset = COFWDataset(data_root=str(tmp_path), ann_file='COFW_train_color.mat')
    assert dataset.get_data_info(0)['keypoints_visible'].tolist() == [[1] * 29]


def test_a_file_without_faces_is_an_error(written):
    with pytest.raises(AnnotationError, match=r'COFW_test_color.mat: no faces found'):
        COFWDataset(data_root=str(written), ann_file='COFW_test_color.mat')


def test_mmposes_json_is_taken_as_it_is_with_official_boxes(tmp_path):
    cv2.imwrite(str(tmp_path / '000001.jpg'), np.zeros((9, 9, 3), np.uint8))
    face = dict(id=1, image_id=1, bbox=[1, 2, 30, 40], keypoints=[value for i in range(29) for value in (i, 2 * i, 1)])
    content = dict(images=[dict(id=1, file_name='000001.jpg')], annotations=[face])
    (tmp_path / 'cofw_train.json').write_text(json.dumps(content))
    info = COFWDataset(data_root=str(tmp_path), ann_file='cofw_train.json').get_data_info(0)
    assert info['bbox'].tolist() == [[1, 2, 31, 42]]
    assert info['keypoints'][0, 28].tolist() == [28, 56]
    assert info['box_source'] == 'official'
