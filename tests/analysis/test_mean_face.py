import numpy as np
import pytest
from helpers import wflw_line

from mmsepbn.analysis.mean_face import mean_face, mean_face_results, place_face
from mmsepbn.datasets import WFLWDataset


def test_by_hand():
    """Two boxes of side 10 and 20: the landmark lies at 0.2 and 0.4 of the side, the mean at 0.3."""
    boxes = np.array([[0, 0, 10, 10], [100, 100, 120, 120]])
    landmarks = np.array([[[2.0, 2.0]], [[108.0, 108.0]]])
    np.testing.assert_allclose(mean_face(landmarks, boxes), [[0.3, 0.3]])
    np.testing.assert_allclose(place_face(np.array([[0.3, 0.3]]), boxes), [[[3, 3]], [[106, 106]]])


def test_boxes_are_squared_first():
    np.testing.assert_allclose(mean_face(np.array([[[5.0, 10.0]]]), np.array([[0, 0, 10, 20]])), [[0.5, 0.5]])


def test_faces_of_one_shape_are_predicted_exactly(tmp_path):
    shape = np.random.default_rng(0).uniform(0, 1, (98, 2))
    boxes = [(10, 10, 60, 60), (0, 30, 40, 70)]
    lines = [wflw_line(shape * (box[2] - box[0]) + box[:2], box, image='list.txt') for box in boxes]
    (tmp_path / 'list.txt').write_text('\n'.join(lines))
    dataset = WFLWDataset(ann_file='list.txt', data_root=str(tmp_path), data_prefix=dict(img=''))
    results = mean_face_results(dataset, dataset)
    assert [result.nme for result in results] == pytest.approx([0, 0], abs=1e-6)
