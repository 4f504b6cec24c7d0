import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mmsepbn.detectors.detector import Found, Limits, SearchingDetector, kept, none_found, shrunk

BOXES = np.array([[0.0, 0, 10, 10], [5, 5, 45, 35], [0, 0, 20, 30], [7, 7, 7, 9]])


def test_the_largest_come_first_and_a_box_without_area_is_none():
    found = kept(Found(BOXES, np.array([0.9, 0.8, 0.7, 1.0])), Limits())
    assert found.boxes.tolist() == BOXES[[1, 2, 0]].tolist()
    assert found.scores.tolist() == [0.8, 0.7, 0.9]


@pytest.mark.parametrize(('limits', 'rows'), [(Limits(1), [1]), (Limits(2), [1, 2]), (Limits(min_size=30), [1, 2])])
def test_limits(limits, rows):
    assert kept(Found(BOXES), limits).boxes.tolist() == BOXES[rows].tolist()


def test_faces_of_low_scores_are_left_out():
    scores = np.array([0.9, 0.8, 0.7, 1.0])
    assert len(kept(Found(BOXES, scores - 2), Limits()).boxes) == 3  # scores of some detectors are negative
    assert kept(Found(BOXES, scores), Limits(min_score=0.8)).scores.tolist() == [0.8, 0.9]
    assert kept(Found(BOXES, scores), Limits(max_faces=1, min_score=0.9)).boxes.tolist() == BOXES[:1].tolist()
    assert kept(Found(BOXES, scores), Limits(min_score=1)).boxes.shape == (0, 4)
    assert kept(none_found(), Limits(min_score=0.5)).boxes.shape == (0, 4)
    with pytest.raises(ValueError, match=r'min_score must be 0 .*\. Got 0\.5, and the detector gives none'):
        kept(Found(BOXES), Limits(min_score=0.5))


def test_nothing_is_found_of_nothing():
    assert kept(Found(np.empty((0, 4)), np.empty(0)), Limits(3)).boxes.shape == (0, 4)


@pytest.mark.parametrize(
    'limits',
    [
        dict(max_faces=0),
        dict(max_faces=1.5),
        dict(min_size=-1),
        dict(min_size=float('nan')),
        dict(min_score=-0.1),
        dict(min_score=1.1),
        dict(min_score=float('nan')),
    ],
)
def test_limits_that_keep_nothing(limits):
    with pytest.raises(ValueError, match=rf'^{next(iter(limits))} must be '):
        Limits(**limits)


@pytest.mark.parametrize(
    ('shape', 'small'), [((480, 640), (480, 640)), ((1000, 1600), (400, 640)), ((3000, 2), (640, 1)), ((1, 1), (1, 1))]
)
def test_images_are_searched_at_640_pixels(shape, small):
    assert shrunk(np.zeros((*shape, 3), np.uint8)).shape == (*small, 3)


def test_boxes_come_back_to_the_pixels_of_the_image():
    """A white square is found by where it begins and ends, in an image whose sides shrink by different factors."""
    image = np.zeros((901, 1601, 3), np.uint8)
    image[300:500, 400:1000] = 255
    smallest = []

    def search(small, least):
        assert small.shape == (360, 640, 3)
        smallest.append(least)
        rows, columns = np.nonzero(small[..., 0] > 127)
        return Found(np.array([[columns.min(), rows.min(), columns.max() + 1.0, rows.max() + 1]]))

    (box,) = SearchingDetector('square', search, Limits(min_size=250))(image).boxes
    assert box == pytest.approx([400, 300, 1000, 500], abs=3)
    assert smallest[0] == pytest.approx(250 * 640 / 1601, rel=0.01)


@pytest.mark.parametrize('shape', [(3, 2000), (2000, 3), (901, 1601), (40, 50)])
def test_a_box_around_the_shrunk_image_is_one_around_the_image(shape):
    detector = SearchingDetector('whole', lambda small, _: Found(np.array([[0.0, 0, *small.shape[1::-1]]])))
    assert detector(np.zeros((*shape, 3), np.uint8)).boxes.tolist() == [[0, 0, shape[1], shape[0]]]


@pytest.mark.parametrize('scores', [None, np.array([0.5, 0.6, 0.7, 0.8])])
def test_boxes_beside_the_image_are_no_faces(scores):
    """As a detector of MMDetection finds in what it pads images with; those that reach beyond it are."""
    boxes = np.array([[10, 60, 20, 70], [-5, -5, 5, 5], [np.nan, 0, 5, 5], [30, 40, 90, 95]])
    detector = SearchingDetector('edges', lambda image, _: Found(boxes, scores))
    found = detector(np.zeros((50, 80, 3), np.uint8))
    assert found.boxes.tolist() == boxes[[3, 1]].tolist()
    assert scores is None or found.scores.tolist() == [0.8, 0.6]


def test_detectors_need_no_framework():
    code = (
        'import sys; import mmsepbn.video.tracker; from mmsepbn.detectors.make import make_detector;'
        'make_detector("haar"); print([name for name in ("torch", "mmengine", "mmcv", "scipy") if name in sys.modules])'
    )
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout == '[]\n'


def test_threads_search_one_after_the_other():
    """OpenCV's networks and cascades keep state while they search."""
    inside, most = [], []

    def search(image, smallest):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.01)
        inside.pop()
        return Found(np.empty((0, 4)))

    detector = SearchingDetector('slow', search)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(detector, [np.zeros((9, 9, 3), np.uint8)] * 8))
    assert most == [1] * 8
