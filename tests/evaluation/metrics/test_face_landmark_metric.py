import posixpath
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import REAL_FACES, ROOT, needs_real_faces
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmpose.evaluation.metrics import NME
from mmpose.registry import DATASETS, MODELS

from mmsepbn import protocols
from mmsepbn.datasets import WFLWDataset
from mmsepbn.evaluation import FaceLandmarkMetric
from mmsepbn.evaluation.per_face import read_csv
from mmsepbn.protocols import WFLW, register_protocol


def face(landmarks, offset, identity=0, protocol='wflw', subsets=(), dataset_name=None, box=(0, 0, 80, 100)):
    landmarks = np.asarray(landmarks, np.float32)[None]
    return dict(
        id=identity,
        img_path=f'{identity}.jpg',
        dataset_name=dataset_name or protocol,
        protocol=protocol,
        subsets=subsets,
        gt_instances=dict(
            keypoints=landmarks, keypoints_visible=np.ones(landmarks.shape[:2]), bboxes=np.array([box], np.float32)
        ),
        pred_instances=dict(keypoints=landmarks + np.asarray(offset, np.float32)),
    )


def random_landmarks(count, seed=0):
    return np.random.default_rng(seed).uniform(0, 100, (count, 2))


def evaluate(faces, **kwargs):
    metric = FaceLandmarkMetric(**kwargs)
    metric.dataset_meta = {}
    for sample in faces:
        metric.process({}, [sample])
    return metric.evaluate(len(faces))


def test_wflw_is_normalized_by_the_outer_eye_corners():
    """Offset (3, 4) pixels, corners 60 and 72 at 50 pixels: 10 %."""
    landmarks = random_landmarks(98)
    landmarks[60], landmarks[72] = (0, 0), (30, 40)
    assert evaluate([face(landmarks, (3, 4))])['wflw/NME'] == pytest.approx(10)


def test_aflw_is_normalized_by_the_longer_box_side():
    """Offset (3, 4) pixels, box 80 x 100: 5 %."""
    assert evaluate([face(random_landmarks(19), (3, 4), protocol='aflw')])['aflw/NME'] == pytest.approx(5)


def test_agrees_with_mmposes_metric_where_all_landmarks_are_annotated():
    faces = [face(random_landmarks(98, i), np.random.default_rng(i).normal(0, 3, (98, 2)), i) for i in range(6)]
    theirs = NME(norm_mode='keypoint_distance')
    theirs.dataset_meta = dict(dataset_name='wflw')
    for sample in faces:
        prediction = sample['pred_instances'] | dict(keypoint_scores=np.ones((1, 98)))
        theirs.process({}, [sample | dict(pred_instances=prediction)])
    assert evaluate(faces)['wflw/NME'] == pytest.approx(100 * theirs.evaluate(6)['NME'])


def test_sets_and_subsets_in_one_pass():
    rows = evaluate(
        [
            face(random_landmarks(98), 1, 0, subsets=('pose',)),
            face(random_landmarks(98), 2, 1),
            face(random_landmarks(19), 1, 0, protocol='aflw', subsets=('frontal',)),
        ]
    )
    assert rows['wflw/pose/NME'] < rows['wflw/NME']
    assert rows['aflw/frontal/NME'] == rows['aflw/NME']


def test_the_first_row_is_the_whole_set_so_that_save_best_can_choose_it():
    assert next(iter(evaluate([face(random_landmarks(98), 1, subsets=('pose',))]))) == 'wflw/NME'


def test_per_face_file(tmp_path):
    path = tmp_path / 'faces.csv'
    rows = evaluate([face(random_landmarks(98, i), i + 1, i, subsets=('blur',)) for i in range(3)], per_face=str(path))
    results = read_csv(path)
    assert [r.face_id for r in results] == [0, 1, 2]
    assert 100 * np.mean([r.nme for r in results]) == pytest.approx(rows['wflw/NME'])


def test_missing_landmarks_do_not_count_and_a_missing_eye_corner_is_named():
    sample = face(random_landmarks(98), (3, 4))
    sample['pred_instances']['keypoints'][0, 5] += 1000
    sample['gt_instances']['keypoints_visible'][0, 5] = 0
    assert evaluate([sample]) == pytest.approx(evaluate([face(random_landmarks(98), (3, 4))]))
    sample['gt_instances']['keypoints_visible'][0, 60] = 0
    with pytest.raises(ValueError, match=r'face 0, 0.jpg: the eye corners \(60, 72\) must be annotated'):
        evaluate([sample])


def test_threshold_reaches_the_rows():
    assert 'wflw/FR_0.05' in evaluate([face(random_landmarks(98), 1)], threshold=0.05)
    with pytest.raises(ValueError, match=r'FaceLandmarkMetric\(threshold=\) must be a fraction above 0. Got 0'):
        FaceLandmarkMetric(threshold=0)


def test_a_zero_normalizer_names_the_face():
    landmarks = random_landmarks(98)
    landmarks[72] = landmarks[60]
    with pytest.raises(ValueError, match=r'wflw, face 7, 7.jpg: the normalizer must be positive. Got 0'):
        evaluate([face(landmarks, 1, identity=7)])


def test_samples_packed_by_mmpose_are_measured_where_their_set_tells_the_protocol_else_the_remedy_is_named(monkeypatch):
    theirs = face(random_landmarks(98), (3, 4), subsets=('pose',))
    ours = evaluate([theirs])
    del theirs['protocol'], theirs['subsets']
    assert evaluate([theirs]) == {key: value for key, value in ours.items() if 'pose' not in key}
    theirs['dataset_name'] = 'my own'
    with pytest.raises(ValueError, match=r"mmsepbn.PackFaceInputs packs.* These lack \['protocol'\]"):
        evaluate([theirs])
    monkeypatch.setattr(protocols, '_known', dict(protocols.PROTOCOLS))
    register_protocol(replace(WFLW, name='my own'))
    assert evaluate([theirs])['my own/NME'] == ours['wflw/NME']
    with pytest.raises(ValueError, match=r"These lack \['dataset_name', 'id', 'img_path', 'protocol'\]"):
        evaluate([{'gt_instances': {}, 'pred_instances': {}}])


def test_a_network_whose_pipeline_packs_as_mmpose_does_is_tested_all_the_same(synthetic_faces, monkeypatch):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    config = Config.fromfile(ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py')
    init_default_scope('mmpose')
    torch.manual_seed(0)
    model, rows = MODELS.build(config.model).eval(), {}
    for pack in ('mmsepbn.PackFaceInputs', 'PackPoseInputs'):
        config.test_dataloader.dataset.pipeline[-1] = dict(type=pack)
        dataset = DATASETS.build(config.test_dataloader.dataset)
        faces = model.test_step(pseudo_collate([dataset[index] for index in range(len(dataset))]))
        rows[pack] = evaluate([face.to_dict() for face in faces])
    ours, theirs = rows.values()
    assert theirs == {key: value for key, value in ours.items() if key.count('/') == 1}


def test_another_number_of_landmarks_and_predictions_that_are_no_numbers_are_named():
    sample = face(random_landmarks(19), 1, identity=3)
    with pytest.raises(ValueError, match=r'wflw, face 3, 3.jpg: wflw has 98 landmarks. Got \(1, 19, 2\)'):
        evaluate([sample])
    sample = face(random_landmarks(98), 1, identity=3)
    sample['pred_instances']['keypoints'][0, 4] = np.nan
    with pytest.raises(ValueError, match=r'wflw, face 3, 3.jpg: the predicted landmarks must be finite'):
        evaluate([sample])


@pytest.mark.parametrize('name', ['wflw@night', 'wflw/pose', 'wflw (clean)', '.', ' a', 'a\nb', '-a'])
def test_names_that_mlflow_would_refuse_are_refused_before_it_does(name):
    with pytest.raises(ValueError, match=r"dataset_name must be a name of letters, .* Got '"):
        evaluate([face(random_landmarks(98), 1, dataset_name=name)])
    with pytest.raises(ValueError, match=r'face 0, 0.jpg: a subset must be a name of letters'):
        evaluate([face(random_landmarks(98), 1, subsets=(name,))])


@pytest.mark.parametrize('threshold', [0.1, 0.08, 0.125, 1e-6])
def test_every_key_is_one_that_mlflow_takes(threshold):
    """The rule of mlflow.utils.validation, which has the narrowest of all back ends."""
    faces = [
        face(random_landmarks(98, i), i + 1, i, subsets=('pose', 'after noon'), dataset_name=name)
        for i, name in enumerate(['wflw', 'wflw-night.2', 'Ночь'])
    ]
    faces[0]['oracle'] = True
    rows = evaluate(faces, threshold=threshold)
    assert len(rows) == 3 * 3 * 3
    for key in rows:
        assert re.fullmatch(r'[/\w.\- :]*', key)
        assert posixpath.normpath(key) == key
    assert rows.keys() >= {'wflw_oracle/NME', 'wflw_oracle/after noon/NME', 'Ночь/pose/NME'}


@needs_real_faces
def test_real_faces_predicted_a_tenth_of_the_eye_distance_off():
    root = REAL_FACES / 'official' / 'WFLW'
    listing = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt'
    dataset = WFLWDataset(data_root=str(root), ann_file=listing, data_prefix=dict(img='WFLW_images'))
    faces = []
    for i in range(len(dataset)):
        info = dataset.get_data_info(i)
        left, right = (info['keypoints'][0, corner] for corner in WFLW.eye_corners)
        shift = np.hypot(*(left - right)) / 10
        faces.append(face(info['keypoints'][0], (shift, 0), i))
    assert evaluate(faces)['wflw/NME'] == pytest.approx(10, abs=1e-3)
