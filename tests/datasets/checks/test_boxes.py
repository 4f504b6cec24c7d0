import numpy as np
import pytest

from mmsepbn.datasets.annotation import FaceAnnotation
from mmsepbn.datasets.checks.boxes import doubtful_boxes
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.protocols import WIDER_FACE

POINTS = np.array([[110, 110], [130, 110], [120, 120], [112, 130], [128, 130.0]])  # 20 pixels wide


class Faces(FaceDataset):
    """One face for each box x1, y1, x2, y2."""

    PROTOCOL = WIDER_FACE
    BOXES = ()
    POINTS = POINTS
    ANNOTATED = np.ones(5)

    def read_official(self, path):
        for number, box in enumerate(self.BOXES):
            yield FaceAnnotation('a.jpg', self.POINTS, np.array(box, float), f'list:{number}', self.ANNOTATED)


@pytest.fixture
def doubts(tmp_path):
    for name in ('a.jpg', 'list'):
        (tmp_path / name).touch()

    def of(boxes, annotated=(1, 1, 1, 1, 1), points=POINTS):
        kind = type('Some', (Faces,), dict(BOXES=boxes, POINTS=points, ANNOTATED=np.array(annotated, float)))
        return doubtful_boxes(kind(data_root=str(tmp_path), ann_file='list'))

    return of


def test_boxes_of_faces_are_in_no_doubt(doubts):
    tight, loose, cut = (110, 110, 130, 130), (80, 80, 170, 160), (105, 105, 135, 125)  # the last lacks the mouth
    assert doubts([tight, loose, cut]) == []


def test_corners_taken_for_width_and_height_are(doubts):
    """A box 105, 105, 135, 135 read as x, y, width, height reaches to 240."""
    assert doubts([(105, 105, 135, 135), (105, 105, 240, 240)]) == [
        'list:1: the box is 7 times as large as the landmarks.'
    ]


def test_a_box_beside_its_landmarks_is(doubts):
    assert doubts([(0, 0, 30, 30), (105, 105, 135, 115)]) == [
        'list:0: 5 of 5 landmarks lie outside of the box.',
        'list:1: 3 of 5 landmarks lie outside of the box.',
    ]


def test_landmarks_without_annotation_do_not_count(doubts):
    assert doubts([(105, 105, 135, 115)], annotated=(1, 1, 0, 0, 0)) == []
    assert doubts([(0, 0, 900, 900)], annotated=(1, 0, 0, 0, 0)) == []


@pytest.mark.parametrize('place', [(5000, 120), (-1, -1), (120, 165.5)])
def test_a_landmark_far_outside_of_its_box_is_named_by_its_index_in_the_mark_up(doubts, place):
    box, points = (105, 105, 135, 135), POINTS.copy()
    points[3] = place
    x, y = map(float, place)
    said = f'list:0: landmark 3 at ({x}, {y}) lies more than a side outside of the box.'
    assert doubts([box], annotated=(1, 0, 1, 1, 1), points=points) == [said]
    assert doubts([box], annotated=(1, 1, 1, 0, 1), points=points) == []
    points[3] = (120, 164.5)  # less than a side
    assert doubts([box], points=points) == []
