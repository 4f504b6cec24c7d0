"""What is said about pictures before training."""

import shutil

import cv2
import numpy as np
import pytest

from mmsepbn.datasets import COFWDataset, WiderFaceDataset
from mmsepbn.datasets.check_pictures import picture_problem, picture_problems

BOX = np.array([3, 2, 9, 8], np.float32)


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / 'a.jpg'
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8))
    return path


def test_what_was_cut_short_or_is_no_picture_is_named(picture):
    assert picture_problem(str(picture), [BOX]) is None
    whole = picture.read_bytes()
    picture.write_bytes(whole[: len(whole) // 2])
    assert cv2.imread(str(picture)) is not None  # training would not notice
    assert picture_problem(str(picture), [BOX]).startswith(f'The picture {picture} is not whole: ')
    picture.write_bytes(b'text')
    assert picture_problem(str(picture), [BOX]) == f'The picture {picture} cannot be read.'


def test_faces_beside_the_picture_are_named(picture):
    for partly_inside in ([-9, -9, 1, 1], [59, 39, 70, 70], [-9, -9, 99, 99]):
        assert picture_problem(str(picture), [np.array(partly_inside)]) is None
    for beside in ([-9, 3, 0, 8], [3, -9, 8, 0], [60, 3, 70, 8], [3, 40, 8, 50]):
        expected = f'The picture {picture} has 60 x 40 pixels, and a face has its box at {[float(x) for x in beside]}.'
        assert picture_problem(str(picture), [BOX, np.array(beside)]) == expected


def test_all_pictures_of_a_set_are_read(synthetic_faces, tmp_path):
    root = shutil.copytree(synthetic_faces / 'WIDER_FACE', tmp_path / 'faces')
    prefix = dict(img='train/images')
    dataset = WiderFaceDataset(data_root=str(root), ann_file='train/label.txt', data_prefix=prefix, min_size=1)
    assert picture_problems(dataset) == []
    broken = sorted((tmp_path / 'faces/train/images').rglob('*.jpg'))[2:5:2]
    for path in broken:
        path.write_bytes(b'')
    assert sorted(picture_problems(dataset)) == [f'The picture {path} cannot be read.' for path in broken]


def test_pictures_inside_cofws_files_are_read(synthetic_faces):
    dataset = COFWDataset(data_root=str(synthetic_faces / 'COFW'), ann_file='COFW_test_color.mat')
    assert picture_problems(dataset) == []
