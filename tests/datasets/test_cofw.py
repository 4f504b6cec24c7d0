"""COFW against the numbers of its file; wrong files are in test_official_errors, round trips in test_writers."""

import json
import os
import shutil
import subprocess
import sys
import zlib

import cv2
import h5py
import numpy as np
import pytest

from mmsepbn.datasets import COFWDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.hdf5_file import hdf5_fault
from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.writers import write_cofw
from mmsepbn.synthetic import generate_faces


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
        assert info['img_path'] == f'{written}/COFW_train_color.mat#{index}.png'
        assert info['box_source'] == 'official'


@pytest.mark.parametrize('prefix', ['', 'sub', 'images'])
def test_the_file_may_lie_in_another_folder_than_images(written, tmp_path, prefix, monkeypatch):
    (tmp_path / 'sub').mkdir()
    for copy in ('sub/COFW_train_color.mat', 'expected.mat'):
        shutil.copy(written / 'COFW_train_color.mat', tmp_path / copy)
    monkeypatch.chdir(tmp_path)
    for root in (str(tmp_path), '.'):
        file = f'{root}/sub/COFW_train_color.mat'
        dataset = COFWDataset(
            data_root=root, ann_file='sub/COFW_train_color.mat', data_prefix=dict(img=prefix), test_mode=True
        )
        for index in range(3):
            path = dataset.get_data_info(index)['img_path']
            assert os.path.abspath(path) == os.path.abspath(f'{file}#{index}.png')
            assert np.array_equal(read_image(path), read_image(f'{tmp_path}/expected.mat#{index}.png'))


def test_occluded_landmarks_count_and_images_are_left_alone(written, tmp_path):
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


def test_mmposes_json_has_1_subtracted_from_points_and_here_from_boxes(tmp_path):
    cv2.imwrite(str(tmp_path / '000001.jpg'), np.zeros((9, 9, 3), np.uint8))
    face = dict(id=1, image_id=1, bbox=[1, 2, 30, 40], keypoints=[value for i in range(29) for value in (i, 2 * i, 1)])
    content = dict(images=[dict(id=1, file_name='000001.jpg')], annotations=[face])
    (tmp_path / 'cofw_train.json').write_text(json.dumps(content))
    info = COFWDataset(data_root=str(tmp_path), ann_file='cofw_train.json').get_data_info(0)
    assert info['bbox'].tolist() == [[0, 1, 30, 41]]
    assert info['keypoints'][0, 28].tolist() == [28, 56]
    assert info['box_source'] == 'official'


def test_the_json_that_mmposes_converter_makes_gives_the_faces_of_the_file(written, tmp_path):
    """Its converter subtracts 1 from the points of the file and keeps the boxes."""
    with h5py.File(written / 'COFW_train_color.mat') as file:
        numbers, boxes = file['phisTr'][()], file['bboxesTr'][()]
    images, faces = [], []
    for index in range(3):
        cv2.imwrite(str(tmp_path / f'{index}.jpg'), np.zeros((9, 9, 3), np.uint8))
        images.append(dict(id=index, file_name=f'{index}.jpg'))
        points = np.stack((numbers[:29, index] - 1, numbers[29:58, index] - 1, np.full(29, 2)), axis=1)
        faces.append(dict(id=index, image_id=index, bbox=boxes[:, index].tolist(), keypoints=points.ravel().tolist()))
    (tmp_path / 'a.JSON').write_text(json.dumps(dict(images=images, annotations=faces)))
    converted = COFWDataset(data_root=str(tmp_path), ann_file='a.JSON')
    official = COFWDataset(data_root=str(written), ann_file='COFW_train_color.mat')
    for index in range(3):
        for key in ('bbox', 'keypoints'):
            assert np.array_equal(converted.get_data_info(index)[key], official.get_data_info(index)[key])


def load_changed(written, root, key, make):
    """The file with one array made anew."""
    changed = root / 'COFW_train_color.mat'
    changed.write_bytes((written / 'COFW_train_color.mat').read_bytes())
    with h5py.File(changed, 'a') as file:
        shape = file[key].shape
        del file[key]
        make(file, key, shape)
    return COFWDataset(data_root=str(root), ann_file=changed.name)


def huge(file, key, shape):
    file.create_dataset(key, (shape[0], 10**9), 'f8')


def huge_in_chunks(file, key, shape):
    file.create_dataset(key, (shape[0], 10**9), 'f8', chunks=(1, 1000), compression='gzip')[0, :5] = 1


def one_huge_chunk(file, key, shape):
    array = file.create_dataset(key, shape, 'f8', chunks=(1, 2**28), maxshape=(None, None), compression='gzip')
    for row in range(shape[0]):
        array.id.write_direct_chunk((row, 0), zlib.compress(bytes(1000)))


def soft_link(file, key, shape):
    file[key] = h5py.SoftLink('/#refs#/image0')


def soft_circle(file, key, shape):
    file[key] = h5py.SoftLink(f'/{key}')


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (huge, r'has shape \(\d+, 1000000000\), \d+ bytes, of which its file holds 0'),
        (huge_in_chunks, r'has shape \(\d+, 1000000000\), \d+ bytes'),
        (one_huge_chunk, r'bytes, of which its file holds \d+; at most 268435456 are read'),
        (soft_link, 'must be an array of this file. Got a link'),
        (soft_circle, 'must be an array of this file. Got a link'),
        (lambda file, key, shape: file.create_group(key), 'must be an array. Got a Group'),
        (lambda file, key, shape: file.create_dataset(key, shape, 'S8', data=np.full(shape, b'1')), 'must (hold|be) '),
        (lambda file, key, shape: file.create_dataset(key, data=h5py.Empty('f8')), 'has shape None'),
        (
            lambda file, key, shape: file.create_dataset(key, shape, 'f8', data=np.ones(shape), compression='lzf'),
            'by gzip',
        ),
        (lambda file, key, shape: None, "must hold '(phis|bboxes)Tr'. It holds"),
    ],
)
@pytest.mark.parametrize('key', ['phisTr', 'bboxesTr'])
def test_arrays_that_are_not_safe_to_read_are_named(written, tmp_path, key, make, message):
    with pytest.raises(AnnotationError, match=f'COFW_train_color.mat.*{message}'):
        load_changed(written, tmp_path, key, make)


def test_a_huge_number_of_images_is_refused_and_so_are_images_that_are_no_references(written, tmp_path):
    with pytest.raises(AnnotationError, match=r"'IsTr' has shape \(1, 1000000000\)"):
        load_changed(
            written, tmp_path, 'IsTr', lambda file, key, _: file.create_dataset(key, (1, 10**9), h5py.ref_dtype)
        )
    with pytest.raises(AnnotationError, match=r'/IsTr must be 1 x N references. Got float64'):
        load_changed(written, tmp_path, 'IsTr', lambda file, key, _: file.create_dataset(key, data=np.ones((1, 3))))


@pytest.mark.parametrize('options', [dict(chunks=(29, 2)), dict(compression='gzip', shuffle=True, fletcher32=True)])
def test_chunks_and_gzip_are_read(written, tmp_path, options):
    with h5py.File(written / 'COFW_train_color.mat') as file:
        numbers = file['phisTr'][()]
    dataset = load_changed(
        written, tmp_path, 'phisTr', lambda file, key, _: file.create_dataset(key, data=numbers, **options)
    )
    np.testing.assert_allclose(dataset.get_data_info(2)['keypoints'][0, :, 0], numbers[:29, 2] - 1, atol=1e-4)


@pytest.mark.parametrize('value', [np.nan, np.inf, 1e39])
def test_numbers_that_float32_cannot_keep_name_the_face(written, tmp_path, value):
    def change(file, key, shape):
        file[key] = np.ones(shape) * [1, value, 1]

    with pytest.raises(AnnotationError, match='face 1: the box must be finite'):
        load_changed(written, tmp_path, 'bboxesTr', change)


def test_a_file_that_another_process_has_locked_is_read_or_says_how(written):
    file = written / 'COFW_train_color.mat'
    held = f'import h5py; file = h5py.File({str(file)!r}, "r+"); print("held"); input()'
    process = subprocess.Popen([sys.executable, '-c', held], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == 'held\n'
        assert len(COFWDataset(data_root=str(written), ann_file=file.name)) == 3
        with pytest.raises(OSError, match='unable to lock file') as error:
            h5py.File(file, 'r', locking=True)  # as the environment variable may force
        assert hdf5_fault(file, error.value).startswith('cannot be read: ')
        assert 'HDF5_USE_FILE_LOCKING=FALSE in the environment' in hdf5_fault(file, error.value)
    finally:
        process.communicate('\n')


def test_a_folder_or_pipe_in_its_place_is_refused(tmp_path):
    (tmp_path / 'a.mat').mkdir()
    os.mkfifo(tmp_path / 'b.mat')
    for name, found in (('a.mat', 'a folder'), ('b.mat', 'a pipe')):
        with pytest.raises(AnnotationError, match=f'{name} must be a regular file. Got {found}'):
            COFWDataset(data_root=str(tmp_path), ann_file=name)
