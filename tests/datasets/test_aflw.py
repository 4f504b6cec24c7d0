"""AFLW against the numbers of its file; more wrong files are in test_official_errors, round trips in test_writers."""

import json

import cv2
import numpy as np
import pytest
import scipy.io

from mmsepbn.datasets import AFLWDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.pose_domain import pose_domain
from mmsepbn.protocols import AFLW

COUNT = 4


def write(root, **changes):
    """A file of four faces whose images exist; the order is 3, 1, 4, 2."""
    rng = np.random.default_rng(0)
    names = np.empty((COUNT, 1), object)
    names[:, 0] = [f'0/image{i}.jpg' for i in range(COUNT)]
    content = dict(
        bbox=np.array([[10 * i, 10 * i + 50, 5, 45] for i in range(COUNT)]),
        data=rng.uniform(0, 50, (COUNT, 38)),
        mask_new=np.ones((COUNT, 19), np.uint8),
        nameList=names,
        ra=np.array([[3, 1, 4, 2]]),
    )
    (root / '0').mkdir(exist_ok=True)
    for index in range(COUNT):
        cv2.imwrite(str(root / f'0/image{index}.jpg'), np.zeros((8, 8, 3), np.uint8))
    content |= changes
    scipy.io.savemat(root / 'a.mat', {key: value for key, value in content.items() if value is not None})
    return content


def load(root, **kwargs):
    return AFLWDataset(**(dict(data_root=str(root), ann_file='a.mat', num_train=3, split='test') | kwargs))


def test_rows_are_read_as_they_are(tmp_path):
    content = write(tmp_path)
    dataset = load(tmp_path, split='train')
    assert len(dataset) == 3
    for place, row in enumerate((2, 0, 3)):
        info = dataset.get_data_info(place)
        left, right, top, bottom = content['bbox'][row]
        assert info['bbox'].tolist() == [[left, top, right, bottom]]
        np.testing.assert_allclose(info['keypoints'][0, :, 0], content['data'][row, :19], rtol=1e-6)
        np.testing.assert_allclose(info['keypoints'][0, :, 1], content['data'][row, 19:], rtol=1e-6)
        assert info['img_path'] == f'{tmp_path}/0/image{row}.jpg'
        assert info['domain'] == pose_domain(info['keypoints'][0], AFLW)


def test_one_invisible_point_makes_a_face_not_frontal_but_the_point_counts(tmp_path):
    mask = np.ones((COUNT, 19), np.uint8)
    write(tmp_path, mask_new=mask)
    assert load(tmp_path).get_data_info(0)['subsets'] == ('frontal',)
    mask[1, 18] = 0
    write(tmp_path, mask_new=mask)
    info = load(tmp_path).get_data_info(0)
    assert info['subsets'] == ()
    assert info['keypoints_visible'].tolist() == [[1] * 19]


def test_files_that_are_not_the_matlab_file_are_named(tmp_path):
    for content in (b'', b'text', b'text' * 100):
        (tmp_path / 'a.mat').write_bytes(content)
        with pytest.raises(AnnotationError, match=r'a.mat must be a MATLAB file before v7.3'):
            load(tmp_path)
    write(tmp_path, mask_new=None)
    with pytest.raises(AnnotationError, match=r'a.mat: mask_new must have shape \(4, 19\). Got None'):
        load(tmp_path)


def test_a_box_without_area_names_the_face(tmp_path):
    write(tmp_path, bbox=np.array([[0, 9, 0, 9], [9, 0, 0, 9], [0, 9, 0, 9], [0, 9, 0, 9]]))
    with pytest.raises(AnnotationError, match=r'a.mat: face 2: the box must have an area'):
        load(tmp_path)


def test_images_missing_under_both_names_are_reported(tmp_path):
    names = np.empty((COUNT, 1), object)
    names[:, 0] = ['3/gone.png'] * COUNT
    write(tmp_path, nameList=names)
    with pytest.raises(AnnotationError, match=r'image is missing under .*\n  3/gone.jpg'):
        load(tmp_path)


def test_names_that_lead_out_or_are_none_name_the_face(tmp_path):
    names = np.empty((COUNT, 1), object)
    names[:, 0] = ['0/image0.jpg', '../face.png', '0/image1.jpg', '0/image2.jpg']
    write(tmp_path, nameList=names)
    with pytest.raises(AnnotationError, match=r'a.mat: face 2: .*\.\./face.jpg.*outside of the data root'):
        load(tmp_path)
    names[1, 0] = np.ones((2, 2))
    write(tmp_path, nameList=names)
    with pytest.raises(AnnotationError, match=r'a.mat: face 2: nameList must hold the name of an image. Got array'):
        load(tmp_path)


def test_arrays_of_another_kind_are_named(tmp_path):
    cells = np.empty((COUNT, 4), object)
    cells[:] = 1
    for changes, message in (
        (dict(bbox=cells), 'bbox must hold numbers'),
        (dict(nameList=np.ones((COUNT, 1))), 'nameList must hold names'),
        (dict(bbox='text'), r'bbox must have shape \(0, 4\)'),
        (dict(ra=np.array([[3, 1, np.nan, 2]])), 'ra must be an order of 1 to 4'),
        (dict(ra=np.array([[3, 1, 3.5, 2]])), 'ra must be an order of 1 to 4'),
        (dict(data=np.full((COUNT, 38), 1e39)), 'face 2: landmark 0 must be finite'),
    ):
        write(tmp_path, **changes)
        with pytest.raises(AnnotationError, match=f'a.mat: {message}'):
            load(tmp_path)


def test_mmposes_json_has_its_own_split_and_official_boxes(tmp_path):
    write(tmp_path)
    face = dict(image_id=1, center=[50, 60], scale=0.2, keypoints=[1.0, 2.0, 1] * 19)
    content = dict(images=[dict(id=1, file_name='0/image0.jpg')], annotations=[face | dict(id=i) for i in range(2)])
    (tmp_path / 'a.json').write_text(json.dumps(content))
    for split in ('train', 'test'):
        dataset = load(tmp_path, ann_file='a.json', split=split)
        assert len(dataset) == 2
        assert dataset.get_data_info(0)['bbox'].tolist() == [[30, 40, 70, 80]]
        assert dataset.get_data_info(0)['box_source'] == 'official'


def test_a_file_of_another_size_says_where_num_train_is_set(tmp_path):
    write(tmp_path)
    where = 'set num_train in train_dataloader.dataset, val_dataloader.dataset and test_dataloader.dataset'
    with pytest.raises(AnnotationError, match=rf'holds {COUNT} faces; AFLWDataset\(num_train=\) is 20000\. .*{where}'):
        load(tmp_path, num_train=20000)
