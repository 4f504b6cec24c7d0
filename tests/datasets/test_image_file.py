"""Pictures from image files and from inside COFW's files."""

import cv2
import h5py
import numpy as np
import pytest
from mmpose.datasets.transforms import LoadImage

from mmsepbn.datasets import LoadFaceImage, image_file
from mmsepbn.datasets.annotation import AnnotationError, check_images
from mmsepbn.datasets.image_file import file_of, is_mat_image, mat_image, read_image

PIXELS = np.random.default_rng(0).integers(0, 255, (5, 7, 3), np.uint8)


@pytest.fixture
def png(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), PIXELS)
    return str(tmp_path / 'a.png')


@pytest.fixture
def mat(tmp_path):
    """A file of one colour and one gray picture, BGR values ``PIXELS``."""
    with h5py.File(tmp_path / 'a.mat', 'w') as file:
        file['r/0'] = PIXELS[..., ::-1].T
        file['r/1'] = PIXELS[..., 0].T
        cells = file.create_dataset('IsT', (1, 2), dtype=h5py.ref_dtype)
        cells[0, 0], cells[0, 1] = file['r/0'].ref, file['r/1'].ref
    return str(tmp_path / 'a.mat')


def test_image_files_and_mat_files_give_the_same_pixels(png, mat):
    assert np.array_equal(read_image(png), PIXELS)
    assert np.array_equal(read_image(mat_image(mat, 0)), PIXELS)
    gray = read_image(mat_image(mat, 1))
    assert np.array_equal(gray, np.repeat(PIXELS[..., :1], 3, axis=2))
    assert gray.dtype == np.uint8
    assert gray.flags.c_contiguous


def test_names_of_pictures_in_mat_files():
    assert mat_image('/d/a.mat', 3) == '/d/a.mat#3'
    assert is_mat_image('/d/a.mat#3')
    assert not is_mat_image('/d/a#3.png')
    assert file_of('/d/a.mat#3') == '/d/a.mat'
    assert file_of('/d/a#3.png') == '/d/a#3.png'


def test_a_picture_that_cannot_be_read_is_named(tmp_path, mat):
    (tmp_path / 'text.mat').write_text('text')
    (tmp_path / 'text.png').write_text('text')
    with h5py.File(tmp_path / 'other.mat', 'w') as file:
        file['a'] = 1
    for name in ('gone.png', 'text.png', 'gone.mat#0', 'text.mat#0', 'other.mat#0', 'a.mat#2', 'a.mat#x'):
        with pytest.raises(FileNotFoundError, match=f'The picture {tmp_path}/{name} cannot be read'):
            read_image(f'{tmp_path}/{name}')


def test_each_process_opens_a_file_of_its_own_once(mat, monkeypatch):
    image_file._open.cache_clear()
    opened = []
    real = h5py.File
    monkeypatch.setattr(image_file.h5py, 'File', lambda *args: opened.append(args) or real(*args))
    for process in (1, 1, 2):
        monkeypatch.setattr(image_file.os, 'getpid', lambda process=process: process)
        read_image(mat_image(mat, 0))
        read_image(mat_image(mat, 1))
    image_file._open.cache_clear()
    assert opened == [(mat, 'r')] * 2


def test_load_face_image_reads_mat_files_and_is_mmposes_otherwise(png, mat):
    for options in ({}, dict(to_float32=True), dict(imdecode_backend='cv2')):
        expected = LoadImage(**options)(dict(img_path=png))
        for path in (png, mat_image(mat, 0)):
            results = LoadFaceImage(**options)(dict(img_path=path))
            assert np.array_equal(results['img'], expected['img'])
            assert results['img'].dtype == expected['img'].dtype
            assert (results['img_shape'], results['ori_shape']) == (expected['img_shape'], expected['ori_shape'])
            assert results['img_path'] == path


def test_load_face_image_names_what_cannot_be_read(tmp_path):
    (tmp_path / 'text.png').write_text('text')
    (tmp_path / 'empty.png').touch()
    for name in ('gone.png', 'text.png', 'empty.png', 'gone.mat#0'):
        with pytest.raises(FileNotFoundError, match=f'^The picture {tmp_path}/{name} cannot be read'):
            LoadFaceImage()(dict(img_path=f'{tmp_path}/{name}'))


def test_load_face_image_keeps_a_picture_that_is_already_there():
    for results in (dict(img=PIXELS), dict(img=PIXELS, img_path='gone.mat#0')):
        loaded = LoadFaceImage()(dict(results))
        assert loaded['img'] is PIXELS
        assert loaded['img_shape'] == (5, 7)
        assert loaded['img_path'] == results.get('img_path')


def test_missing_mat_files_are_listed_once(tmp_path, mat):
    check_images(str(tmp_path), ['a.mat#0', 'a.mat#1'])
    with pytest.raises(AnnotationError) as error:
        check_images(str(tmp_path), ['a.mat#0', 'gone.mat#0', 'gone.mat#1'])
    assert str(error.value) == f'1 annotated images are missing under {tmp_path}:\n  gone.mat'
