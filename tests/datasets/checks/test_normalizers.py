"""Faces that cannot be tested, by the look at a set beforehand and by the metric afterwards: they must agree."""

import numpy as np
import pytest

from mmsepbn.datasets.annotation import AnnotationError, FaceAnnotation
from mmsepbn.datasets.checks.normalizers import check_normalizers, normalizer_problems
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.evaluation import FaceLandmarkMetric
from mmsepbn.protocols import AFLW, WFLW

LANDMARKS = np.random.default_rng(0).uniform(10, 90, (98, 2))
LEFT, RIGHT = 60, 72  # WFLW's outer eye corners


class Faces(FaceDataset):
    """Faces made in the test: whole, and with what may be wrong with a normalizer."""

    PROTOCOL = WFLW

    def read_official(self, path):
        same, almost = LANDMARKS.copy(), LANDMARKS.copy()
        same[RIGHT] = same[LEFT]
        almost[RIGHT] = almost[LEFT] + (1e-7, 0)  # one point once it is kept as float32
        for index, (landmarks, missing) in enumerate(
            (
                (LANDMARKS, ()),
                (LANDMARKS, (0, 5)),
                (LANDMARKS, (LEFT,)),
                (LANDMARKS, (RIGHT, 3)),
                (same, ()),
                (almost, ()),
            )
        ):
            annotated = np.ones(98)
            annotated[list(missing)] = 0
            yield FaceAnnotation('a.jpg', landmarks, np.array([0, 0, 90, 90.0]), f'list:{index}', annotated)


class Points(Faces):
    """The same without eye corners as normalizer."""

    PROTOCOL = AFLW

    def read_official(self, path):
        for face in super().read_official(path):
            yield FaceAnnotation(face.image, face.landmarks[:19], face.box, face.source, face.annotated[:19])


@pytest.fixture
def build(tmp_path):
    for name in ('a.jpg', 'list'):
        (tmp_path / name).touch()
    return lambda kind: kind(data_root=str(tmp_path), ann_file='list')


def measured(face):
    """Whether the metric can tell the error of a face."""
    truth = dict(keypoints=face['keypoints'], keypoints_visible=face['keypoints_visible'], bboxes=face['bbox'])
    try:
        FaceLandmarkMetric().process({}, [face | dict(gt_instances=truth, pred_instances=dict(keypoints=np.zeros(1)))])
    except ValueError as error:
        return 'eye corners' not in str(error) and 'normalizer' not in str(error)
    return True


@pytest.mark.parametrize(('kind', 'bad'), [(Faces, [2, 3, 4, 5]), (Points, [])])
def test_they_are_those_that_the_metric_refuses(kind, bad, build):
    dataset = build(kind)
    faces = [dataset.get_data_info(index) for index in range(6)]
    assert [index for index, face in enumerate(faces) if not measured(face)] == bad
    assert [problem.partition(': ')[0] for problem in normalizer_problems(dataset)] == [f'list:{i}' for i in bad]


def test_the_error_holds_the_number_and_the_faces(build):
    with pytest.raises(AnnotationError, match=r'^4 faces cannot be tested:\n  list:2: the eye corners \(60, 72\) must'):
        check_normalizers(build(Faces))
    check_normalizers(build(Points))
