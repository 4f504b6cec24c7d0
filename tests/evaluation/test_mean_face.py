import json

import cv2
import numpy as np
import pytest
from helpers import wflw_line
from mmengine.dataset import RepeatDataset
from torch.utils.data import ConcatDataset

from mmsepbn.datasets import COFWDataset, WFLWDataset
from mmsepbn.evaluation.mean_face import mean_face, mean_face_results, place_face


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


def test_landmarks_that_are_not_annotated_have_no_part():
    """The first landmark is annotated in one face, the second in both, the third in none."""
    boxes = np.array([[0, 0, 10, 10], [100, 100, 120, 120]])
    landmarks = np.array([[[2.0, 2.0], [4.0, 4.0], [0.0, 0.0]], [[0.0, 0.0], [112.0, 112.0], [0.0, 0.0]]])
    annotated = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    np.testing.assert_allclose(mean_face(landmarks, boxes, annotated), [[0.2, 0.2], [0.5, 0.5], [np.nan, np.nan]])


@pytest.fixture
def json_faces(tmp_path):
    """Sets of MMPose's JSON in WFLW's or COFW's mark-up, with a third of the landmarks not annotated."""
    cv2.imwrite(str(tmp_path / 'a.png'), np.zeros((8, 8, 3), np.uint8))

    def build(seed, count=4, kind=WFLWDataset, hidden=(), **options):
        rng = np.random.default_rng(seed)
        number, corners = kind.PROTOCOL.num_landmarks, list(kind.PROTOCOL.eye_corners)
        annotations = []
        for index in range(count):
            visible = rng.random(number) > 1 / 3
            visible[corners], visible[list(hidden)] = True, False
            points = np.where(visible[:, None], rng.uniform(10, 90, (number, 2)), 0)
            triples = np.c_[points, 2 * visible]
            box = [*rng.uniform(0, 10, 2), *rng.uniform(80, 100, 2)]
            annotations.append(dict(id=index, image_id=0, keypoints=triples.ravel().tolist(), bbox=box))
        path = tmp_path / f'{kind.__name__}{seed}.json'
        path.write_text(json.dumps(dict(images=[dict(id=0, file_name='a.png')], annotations=annotations)))
        return kind(ann_file=path.name, data_root=str(tmp_path), data_prefix=dict(img=''), **options)

    return build


def brute_force(train, test):
    """Landmark by landmark and face by face, over what is annotated."""
    means = {}
    for landmark in range(train.PROTOCOL.num_landmarks):
        places = []
        for info in (train.get_data_info(i) for i in range(len(train))):
            x1, y1, x2, y2 = map(float, info['bbox'][0])
            half = max(x2 - x1, y2 - y1) / 2
            corner = np.array([(x1 + x2) / 2 - half, (y1 + y2) / 2 - half])
            if info['keypoints_visible'][0, landmark]:
                places.append((info['keypoints'][0, landmark] - corner) / (2 * half))
        means[landmark] = np.mean(places, axis=0)
    errors = []
    for info in (test.get_data_info(i) for i in range(len(test))):
        x1, y1, x2, y2 = map(float, info['bbox'][0])
        half = max(x2 - x1, y2 - y1) / 2
        corner, truth = np.array([(x1 + x2) / 2 - half, (y1 + y2) / 2 - half]), info['keypoints'][0]
        left, right = test.PROTOCOL.eye_corners
        seen = np.flatnonzero(info['keypoints_visible'][0])
        distances = [np.hypot(*(means[i] * 2 * half + corner - truth[i])) for i in seen]
        errors.append(np.mean(distances) / np.hypot(*(truth[left] - truth[right])))
    return errors


def test_errors_are_those_over_annotated_landmarks_alone(json_faces):
    train, test = json_faces(0, 12), json_faces(1)
    found = mean_face_results(train, test)
    assert [result.nme for result in found] == pytest.approx(brute_force(train, test), rel=1e-5)


@pytest.mark.slow
def test_every_set_has_its_own_mean_face_and_wrappers_change_nothing(json_faces):
    wflw, cofw = (json_faces(0, 12), json_faces(1)), (json_faces(2, 12, COFWDataset), json_faces(3, 4, COFWDataset))
    other = json_faces(4, 12, metainfo=dict(dataset_name='other wflw'))
    train = ConcatDataset([other, cofw[0], RepeatDataset(wflw[0], 3)])
    found = mean_face_results(train, ConcatDataset([cofw[1], wflw[1]]))
    assert [result.dataset for result in found] == ['cofw'] * 4 + ['wflw'] * 4
    assert [result.nme for result in found] == pytest.approx(brute_force(*cofw) + brute_force(*wflw), rel=1e-5)
    renamed = json_faces(1, metainfo=dict(dataset_name='wflw at night'))
    assert [result.nme for result in mean_face_results(train, renamed)] != found[4:]  # both sets of the protocol


def test_what_has_no_mean_face_is_named(json_faces):
    train, test = json_faces(0, 4, hidden=[5, 7]), json_faces(1, hidden=[7])
    with pytest.raises(ValueError, match=r'mean face of wflw lacks landmarks \[5\]: no training face has them'):
        mean_face_results(train, test)
    assert len(mean_face_results(train, json_faces(2, hidden=[5, 7]))) == 4
    with pytest.raises(ValueError, match=r'test set cofw has no mean face: there are no training faces of cofw'):
        mean_face_results(train, json_faces(3, 4, COFWDataset))
    corners = WFLWDataset.PROTOCOL.eye_corners
    with pytest.raises(ValueError, match=r'wflw, face 0, .*a.png: the eye corners \(60, 72\) must be annotated'):
        mean_face_results(json_faces(4), json_faces(5, hidden=corners))
    with pytest.raises(ValueError, match=r'The mean face needs data sets of mmsepbn. Got list'):
        mean_face_results([], test)
