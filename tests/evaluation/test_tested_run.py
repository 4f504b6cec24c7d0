from dataclasses import replace

import mmengine
import numpy as np
import pytest

from mmsepbn.evaluation.face_result import FaceResult
from mmsepbn.evaluation.per_face import write_csv
from mmsepbn.evaluation.predictions import FacePrediction, write_predictions
from mmsepbn.evaluation.tested_run import read_run


def make(index, dataset='wflw', root='a'):
    """A face whose prediction is 5 pixels off, a tenth of its normalizer, and its row."""
    truth = np.random.default_rng(index).uniform(0, 100, (4, 2))
    image = f'{root}/{index}.jpg'
    return (
        FaceResult(dataset, 'wflw', index, image, (), 50.0, 0.1),
        FacePrediction(dataset, index, image, truth + (3, 4), truth, np.ones(4)),
    )


FACES = [make(0), make(1), make(0, 'cofw')]
REFERENCE = [replace(result, nme=0.3) for result, _ in FACES]


def written(folder, faces=FACES, predictions=None):
    write_csv(folder / 'per_face.csv', [result for result, _ in faces])
    write_predictions(folder / 'predictions.npz', predictions or [prediction for _, prediction in faces])
    return folder


def test_faces_are_matched_by_name_whatever_their_order_and_root(tmp_path):
    others = [make(index, dataset, root='/another/place') for dataset, index in (('cofw', 0), ('wflw', 1), ('wflw', 0))]
    run = read_run('BN', written(tmp_path, others), REFERENCE)
    assert [(face.dataset, face.face_id) for face in run.results] == [('wflw', 0), ('wflw', 1), ('cofw', 0)]
    for known, result, prediction in zip(FACES, run.results, run.predictions, strict=True):
        assert result == replace(known[0], image=result.image)
        np.testing.assert_array_equal(prediction.predicted, known[1].predicted)
    assert [face.dataset for face in run.of_set('cofw').predictions] == ['cofw']
    assert not run.oracle


def test_runs_of_before_cofws_images_had_a_suffix_match(tmp_path):
    def named(suffix):
        return [tuple(replace(each, image=f'a.mat#{each.face_id}{suffix}') for each in face) for face in FACES]

    reference = [result for result, _ in named('.png')]
    run = read_run('BN', written(tmp_path, named('')), reference)
    assert [face.image for face in run.results] == ['a.mat#0', 'a.mat#1', 'a.mat#0']


def test_mmposes_predictions_are_taken_where_ours_are_not_there(tmp_path):
    written(tmp_path)
    (tmp_path / 'predictions.npz').unlink()
    samples = [
        dict(
            id=face.face_id,
            img_path=face.image,
            dataset_name=face.dataset,
            gt_instances=dict(keypoints=face.truth[None], keypoints_visible=face.annotated[None]),
            pred_instances=dict(keypoints=face.predicted[None]),
        )
        for _, face in FACES
    ]
    mmengine.dump(samples, tmp_path / 'predictions.pkl')
    assert len(read_run('BN', tmp_path, REFERENCE).predictions) == 3
    (tmp_path / 'predictions.pkl').unlink()
    with pytest.raises(FileNotFoundError, match=r'predictions.npz'):
        read_run('BN', tmp_path, REFERENCE)


@pytest.mark.parametrize(
    ('faces', 'message'),
    [
        (FACES[:2], r'BN: .*per_face.csv does not hold the 3 test faces .* lacks 1 and has 0 .*\n  without face 0 of'),
        ([*FACES, make(5)], r'lacks 0 and has 1 others:\n  has face 5 of wflw, 5.jpg'),
        ([FACES[0], FACES[2], make(9)], r'lacks 1 and has 1 others:\n  without face 1 of wflw, 1.jpg\n  has face 9 of'),
        ([*FACES, FACES[0]], r'per_face.csv has the face 0 of wflw, 0.jpg twice'),
        ([(replace(FACES[0][0], normalizer=40.0), FACES[0][1]), *FACES[1:]], r'tested on other annotations: face 0'),
        ([(replace(FACES[0][0], nme=0.11), FACES[0][1]), *FACES[1:]], r'errors of one test and predictions of another'),
    ],
)  # fmt: skip
def test_runs_on_other_faces_are_refused_by_name(tmp_path, faces, message):
    with pytest.raises(ValueError, match=message):
        read_run('BN', written(tmp_path, faces), REFERENCE)


def test_predictions_of_other_faces_are_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=r'predictions.npz does not hold the 3 test faces .* lacks 2 and has 0 others'):
        read_run('BN', written(tmp_path, predictions=[FACES[0][1]]), REFERENCE)


def test_an_oracle_is_compared_under_the_name_of_its_set(tmp_path):
    faces = [(replace(result, dataset=f'{result.dataset}_oracle'), prediction) for result, prediction in FACES]
    run = read_run('brute force', written(tmp_path, faces), REFERENCE)
    assert run.oracle
    assert [face.dataset for face in run.results] == ['wflw', 'wflw', 'cofw']
    with pytest.raises(ValueError, match='lacks 1 and has 1 others'):
        read_run('brute force', written(tmp_path, [faces[0], *FACES[1:]]), REFERENCE)  # in one of its rows alone


def test_what_a_folder_lacks_and_what_writes_it_is_said(tmp_path):
    wrote = r'tools/test.py CONFIG CHECKPOINT --per-face .*/per_face.csv --dump .*/predictions.npz writes it'
    with pytest.raises(FileNotFoundError, match=rf'BN: the folder .*/none does not exist\. {wrote}'):
        read_run('BN', tmp_path / 'none', REFERENCE)
    with pytest.raises(FileNotFoundError, match=rf'has no per_face.csv\. {wrote}'):
        read_run('BN', tmp_path, REFERENCE)
    written(tmp_path)
    (tmp_path / 'predictions.npz').unlink()
    with pytest.raises(FileNotFoundError, match=rf'has no predictions.npz\. {wrote}'):
        read_run('BN', tmp_path, REFERENCE)
