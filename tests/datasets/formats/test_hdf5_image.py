"""Images inside of COFW's files."""

import fcntl
import os

import cv2
import h5py
import mmcv
import numpy as np
import pytest
from mmpose.datasets.transforms import LoadImage

from mmsepbn import registry  # noqa: F401 - MMEngine's file client learns of COFW's files
from mmsepbn.datasets import LoadFaceImage
from mmsepbn.datasets.annotation import AnnotationError, FaceAnnotation
from mmsepbn.datasets.checks.images import image_problem
from mmsepbn.datasets.data_root import DataRoot
from mmsepbn.datasets.formats import hdf5_image
from mmsepbn.datasets.formats.image_file import file_of, is_mat_image, mat_image, read_image

PIXELS = np.random.default_rng(0).integers(0, 255, (5, 7, 3), np.uint8)
RGB = PIXELS[..., ::-1].T  # as HDF5 shows it: (3, W, H)


@pytest.fixture
def mat(tmp_path):
    """A file of one colour and one gray image, BGR values ``PIXELS``."""
    return write_mat(tmp_path / 'a.mat', RGB, PIXELS[..., 0].T)


def write_mat(path, *images):
    with h5py.File(path, 'w') as file:
        cells = file.create_dataset('IsT', (1, len(images)), dtype=h5py.ref_dtype)
        for place, image in enumerate(images):
            file[f'r/{place}'] = image
            cells[0, place] = file[f'r/{place}'].ref
    return str(path)


def test_the_pixels_are_those_that_were_stored(mat):
    assert np.array_equal(read_image(mat_image(mat, 0)), PIXELS)
    gray = read_image(mat_image(mat, 1))
    assert np.array_equal(gray, np.repeat(PIXELS[..., :1], 3, axis=2))
    assert gray.dtype == np.uint8
    assert gray.flags.c_contiguous
    assert np.array_equal(read_image(f'{mat}#0'), PIXELS)  # as files of earlier versions name it


def test_names_of_images_in_mat_files():
    assert mat_image('/d/a.mat', 3) == '/d/a.mat#3.png'
    for name in ('/d/a.mat#3.png', '/d/a.mat#3', '/d/A.MAT#3.png'):
        assert is_mat_image(name)
        assert file_of(name) == name[:8].replace('#', '')
    for name in ('/d/a#3.png', '/d/a.mat', '/d/a.mat#1/b.png'):
        assert not is_mat_image(name)
        assert file_of(name) == name


def test_mmposes_tools_read_them_by_name(mat):
    name = mat_image(mat, 0)
    assert np.array_equal(mmcv.imread(name), PIXELS)
    for loading in (LoadImage, LoadFaceImage):
        for options in ({}, dict(to_float32=True)):
            loaded = loading(**options)(dict(img_path=name))
            assert np.array_equal(loaded['img'], PIXELS)
            assert loaded['img_shape'] == loaded['ori_shape'] == (5, 7)
            assert loaded['img_path'] == name


def test_a_file_that_another_process_has_locked_is_read(mat):
    with open(mat) as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        assert np.array_equal(read_image(mat_image(mat, 0)), PIXELS)


@pytest.mark.parametrize(
    ('image', 'message'),
    [
        (RGB / 255, 'Got float64 (3, 7, 5)'),
        (np.full((3, 7, 5), np.nan), 'Got float64 (3, 7, 5)'),
        (RGB.astype(np.uint16) * 257, 'Got uint16 (3, 7, 5)'),
        (RGB > 100, 'Got bool (3, 7, 5)'),
        (RGB.astype('S1'), 'Got |S1 (3, 7, 5)'),
        (np.concatenate((RGB, RGB[:1])), 'Got uint8 (4, 7, 5)'),
        (RGB[:1], 'Got uint8 (1, 7, 5)'),
        (RGB[0, 0], 'Got uint8 (5,)'),
        (np.uint8(3), 'Got uint8 ()'),
        (RGB[:, :0], 'Got uint8 (3, 0, 5)'),
        (PIXELS, 'Got uint8 (5, 7, 3)'),
    ],
)
def test_arrays_that_are_no_images_are_refused_by_face(tmp_path, image, message):
    name = mat_image(write_mat(tmp_path / 'a.mat', RGB, image), 1)
    reason = f'it must be gray (W, H) or RGB (3, W, H) of uint8. {message}.'
    expected = f'The image {tmp_path}/a.mat#1 cannot be read: {reason}'
    for read in (read_image, lambda name: LoadFaceImage()(dict(img_path=name, keypoints=0))):
        with pytest.raises(FileNotFoundError) as error:
            read(name)
        assert str(error.value) == expected
    assert image_problem(name, []) == expected


def test_matlabs_logical_arrays_are_no_images(tmp_path):
    """They are stored as uint8 of 0 and 1, and would be black."""
    path = write_mat(tmp_path / 'a.mat', RGB)
    with h5py.File(path, 'a') as file:
        file['r/0'].attrs['MATLAB_class'] = np.bytes_('uint8')
    assert np.array_equal(read_image(mat_image(path, 0)), PIXELS)
    hdf5_image._cells.cache_clear()
    with h5py.File(path, 'a') as file:
        file['r/0'].attrs['MATLAB_class'] = 'uint8'  # as h5py writes text
    assert np.array_equal(read_image(mat_image(path, 0)), PIXELS)
    hdf5_image._cells.cache_clear()
    with h5py.File(path, 'a') as file:
        file['r/0'].attrs['MATLAB_class'] = np.bytes_('logical')
    with pytest.raises(FileNotFoundError, match=r"of class b?'logical'"):
        read_image(mat_image(path, 0))


def test_what_lies_elsewhere_or_is_not_there_is_refused(tmp_path, mat):
    path = tmp_path / 'b.mat'
    with h5py.File(path, 'w') as file:
        layout = h5py.VirtualLayout(shape=(3, 7, 5), dtype=np.uint8)
        layout[:] = h5py.VirtualSource(mat, 'r/0', shape=(3, 7, 5))
        file.create_virtual_dataset('virtual', layout)
        file.create_dataset('external', (3, 7, 5), np.uint8, external=[(mat, 0, 105)])
        file.create_dataset('huge', (3, 2**20, 2**20), np.uint8, chunks=(1, 64, 64), compression='gzip')
        file.create_group('group')
        names = ('virtual', 'external', 'huge', 'group')
        cells = file.create_dataset('IsT', (1, 5), dtype=h5py.ref_dtype)
        for place, name in enumerate(names):
            cells[0, place] = file[name].ref
    for place, message in enumerate(('a virtual or external', 'a virtual or external', 'at most', 'Got a Group', '')):
        with pytest.raises(FileNotFoundError, match=f'^The image {path}#{place} cannot be read: .*{message}'):
            read_image(mat_image(str(path), place))
    with h5py.File(tmp_path / 'c.mat', 'w') as file:
        file['IsT'] = h5py.ExternalLink(mat, 'IsT')
    os.mkfifo(tmp_path / 'pipe.mat')
    (tmp_path / 'text.mat').write_text('text')
    with h5py.File(tmp_path / 'other.mat', 'w') as file:
        file['a'] = 1
    with h5py.File(tmp_path / 'numbers.mat', 'w') as file:
        file['IsT'] = np.zeros((1, 3))
    files = ('c.mat', 'pipe.mat', 'gone.mat', 'text.mat', 'other.mat', 'numbers.mat')
    for name in (*(f'{file}#0' for file in files), 'a.mat#2', 'a.mat#x', 'a.mat#-1'):
        with pytest.raises(FileNotFoundError, match=f'^The image {tmp_path}/{name} cannot be read: [^\n]*$'):
            read_image(f'{tmp_path}/{name}')


def test_each_process_opens_a_file_of_its_own_once(mat, monkeypatch):
    hdf5_image._cells.cache_clear()
    opened = []
    real = h5py.File
    monkeypatch.setattr(hdf5_image.h5py, 'File', lambda *args, **options: opened.append(args) or real(*args, **options))
    for process in (1, 1, 2):
        monkeypatch.setattr(hdf5_image.os, 'getpid', lambda process=process: process)
        read_image(mat_image(mat, 0))
        read_image(mat_image(mat, 1))
    hdf5_image._cells.cache_clear()
    assert opened == [(mat, 'r')] * 2


def test_missing_mat_files_are_listed_once(tmp_path, mat):
    def faces(*names):
        return [FaceAnnotation(name, np.zeros((1, 2)), np.zeros(4), 'list') for name in names]

    root = DataRoot(tmp_path)
    root.check_images(str(tmp_path), faces('a.mat#0.png', 'a.mat#1.png'))
    with pytest.raises(AnnotationError) as error:
        root.check_images(str(tmp_path), faces('a.mat#0.png', 'gone.mat#0.png', 'gone.mat#1.png'))
    assert str(error.value) == f'1 annotated image is missing under {tmp_path}:\n  gone.mat'


def test_browsing_with_mmpose_shows_the_image(mat, tmp_path):
    """What MMPose writes is named after the image."""
    name = os.path.basename(mat_image(mat, 0))
    mmcv.imwrite(mmcv.imread(mat_image(mat, 0)), str(tmp_path / 'out' / name))
    assert np.array_equal(cv2.imread(str(tmp_path / 'out' / name)), PIXELS)
