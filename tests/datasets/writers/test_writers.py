"""Round trip: what the generator knows equals what the loaders read from the official layouts."""

import os

import cv2
import numpy as np
import pytest
from torch.utils.data import DataLoader

from mmsepbn.datasets import AFLWDataset, COFWDataset, Face300WDataset, WFLWDataset, WiderFaceDataset
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.writers import write_aflw, write_cofw, write_face300w, write_wflw, write_wider_face
from mmsepbn.synthetic import generate_faces
from mmsepbn.user_error import UserError

TRAIN, TEST = 5, 8


@pytest.fixture(scope='module')
def faces():
    return list(generate_faces(TRAIN + TEST, size=128, workers=1))


def write(writer, root, faces):
    writer(root, iter(faces[:TRAIN]), iter(faces[TRAIN:]))


def check(dataset, faces, protocol, tolerance, box_tolerance=0.51):
    """Same faces, in any order: each loaded face is matched with the drawn one of nearest landmarks."""
    assert len(dataset) == len(faces)
    matched = set()
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        gaps = [np.abs(info['keypoints'][0] - face.landmarks[protocol]).max() for face in faces]
        match = int(np.argmin(gaps))
        matched.add(match)
        assert gaps[match] <= tolerance
        np.testing.assert_allclose(info['bbox'][0], faces[match].box, atol=box_tolerance)
        image = read_image(info['img_path']).astype(int)
        assert np.abs(image - faces[match].image).mean() < 5  # JPEG
        yield info, faces[match]
    assert len(matched) == len(faces)


def test_wflw(tmp_path, faces):
    write(write_wflw, tmp_path, faces)
    listing = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt'
    dataset = WFLWDataset(data_root=str(tmp_path), ann_file=listing, data_prefix=dict(img='WFLW_images'))
    for info, face in check(dataset, faces[TRAIN:], 'wflw', 1e-4):
        assert set(info['subsets']) == face.tags


def cofw(root, split):
    return COFWDataset(data_root=str(root), ann_file=f'COFW_{split}_color.mat')


def test_cofw(tmp_path, faces):
    write(write_cofw, tmp_path, faces)
    assert len(list(check(cofw(tmp_path, 'train'), faces[:TRAIN], 'cofw', 1e-4, 1.01))) == TRAIN
    dataset = cofw(tmp_path, 'test')
    for info, face in check(dataset, faces[TRAIN:], 'cofw', 1e-4, 1.01):
        assert np.array_equal(read_image(info['img_path']), face.image)


def test_cofw_images_are_read_by_each_worker(tmp_path, faces):
    write(write_cofw, tmp_path, faces)
    dataset = COFWDataset(
        data_root=str(tmp_path), ann_file='COFW_test_color.mat', pipeline=[dict(type='mmsepbn.LoadFaceImage')]
    )
    expected = [dataset[i]['img'] for i in range(TEST)]  # opens the file before the workers are forked
    loader = DataLoader(dataset, batch_size=1, num_workers=2, collate_fn=lambda batch: batch[0]['img'])
    assert all(np.array_equal(a, b) for a, b in zip(loader, expected, strict=True))


def test_gray_cofw_images_get_three_channels(tmp_path, faces):
    import h5py

    write(write_cofw, tmp_path, faces)
    gray = cv2.cvtColor(faces[TRAIN].image, cv2.COLOR_BGR2GRAY)
    with h5py.File(tmp_path / 'COFW_test_color.mat', 'a') as file:
        file['#refs#/gray'] = gray.T
        file['IsT'][0, 0] = file['#refs#/gray'].ref
    image = read_image(cofw(tmp_path, 'test').get_data_info(0)['img_path'])
    assert np.array_equal(image, np.repeat(gray[..., None], 3, axis=2))


def test_aflw(tmp_path, faces):
    write(write_aflw, tmp_path, faces)
    common = dict(data_root=str(tmp_path), ann_file='AFLWinfo_release.mat', data_prefix=dict(img='aflw/data/flickr'))
    train = AFLWDataset(**common, split='train', num_train=TRAIN)
    assert len(list(check(train, faces[:TRAIN], 'aflw', 1e-4, 1e-4))) == TRAIN
    agree = []
    for info, face in check(AFLWDataset(**common, split='test', num_train=TRAIN), faces[TRAIN:], 'aflw', 1e-4, 1e-4):
        assert ('frontal' in info['subsets']) == (face.domain == 'frontal')
        agree.append(info['domain'] == face.domain)
    assert np.mean(agree) >= 0.75  # a rule on landmarks against the drawn yaw


def test_300w(tmp_path, faces):
    write(write_face300w, tmp_path, faces)
    train = Face300WDataset(data_root=str(tmp_path), split='train')
    assert len(list(check(train, faces[:TRAIN], '300w', 1e-4, 1e-4))) == TRAIN
    for info, face in check(Face300WDataset(data_root=str(tmp_path), split='test'), faces[TRAIN:], '300w', 1e-4, 1e-4):
        assert len(info['subsets']) == 1
        if face.domain != 'frontal':
            assert info['subsets'] == ('challenging',)


def test_files_of_other_faces_in_300w_are_named_and_kept(tmp_path, faces):
    """The set is what its folders hold."""
    write(write_face300w, tmp_path, faces)
    with pytest.raises(UserError, match=r'remove the 2 others:\n') as error:
        write_face300w(tmp_path, faces[: TRAIN - 2], faces[TRAIN:])
    for line in str(error.value).splitlines()[1:]:
        os.remove(line.strip())
    train = Face300WDataset(data_root=str(tmp_path), split='train')
    assert len(list(check(train, faces[: TRAIN - 2], '300w', 1e-4, 1e-4))) == TRAIN - 2
    write_face300w(tmp_path, faces[: TRAIN - 2], faces[TRAIN:])


def test_wider_face(tmp_path, faces):
    write_wider_face(tmp_path, faces[:TRAIN])
    dataset = WiderFaceDataset(
        data_root=str(tmp_path), ann_file='train/label.txt', data_prefix=dict(img='train/images'), min_size=10
    )
    assert len(list(check(dataset, faces[:TRAIN], 'wider_face', 1e-3, 1.01))) == TRAIN
    with pytest.raises(ValueError, match=r'test=\) must be empty'):
        write_wider_face(tmp_path, faces[:1], faces[1:])
