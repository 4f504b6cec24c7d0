import numpy as np
import pytest

from mmsepbn.boxes import box_around, centres, overlaps, square_box


def test_square_box_by_hand():
    assert square_box(np.array([0, 0, 40, 100])).tolist() == [-30, 0, 70, 100]
    assert square_box(np.array([0, 0, 100, 40]), padding=1.5).tolist() == [-25, -55, 125, 95]


def test_overlaps_by_counting_pixels():
    random = np.random.default_rng(2)
    boxes = [np.sort(random.integers(0, 30, (6, 2, 2)), axis=1).reshape(6, 4).astype(float) for _ in range(2)]
    drawn = [np.zeros((6, 30, 30), bool) for _ in range(2)]
    for pixels, own in zip(drawn, boxes, strict=True):
        own[:, 2:] += 1
        for canvas, (x1, y1, x2, y2) in zip(pixels, own.astype(int), strict=True):
            canvas[y1:y2, x1:x2] = True
    expected = [[(a & b).sum() / (a | b).sum() for b in drawn[1]] for a in drawn[0]]
    assert overlaps(*boxes) == pytest.approx(np.array(expected))


def test_boxes_at_once_are_those_one_by_one():
    boxes = np.array([[0.0, 0, 10, 20], [3, 4, 50, 6]])
    assert square_box(boxes).tolist() == [square_box(box).tolist() for box in boxes]
    assert square_box(np.empty((0, 4))).shape == (0, 4)


def test_centre_and_tight_box_by_hand():
    points = np.array([[4.0, 2], [1, 9], [3, 5]])
    assert box_around(points).tolist() == [1, 2, 4, 9]
    assert centres(box_around(points)).tolist() == [2.5, 5.5]
    assert centres(np.array([[0.0, 0, 4, 2], [1, 1, 3, 9]])).tolist() == [[2, 1], [2, 5]]
