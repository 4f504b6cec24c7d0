from dataclasses import replace

import numpy as np
import pytest

from benchmarks.method.drawn_errors import chosen_faces, drawn_errors
from mmsepbn.evaluation.predictions import FacePrediction
from mmsepbn.protocols import FACE_300W


def face(error):
    """300W's landmarks on a line, outer eye corners 1 apart, all predicted ``error`` too low."""
    truth = np.stack((np.arange(68.0), np.zeros(68)), axis=1) / 9
    return FacePrediction('300w', 0, 'a.jpg', truth + (0, error), truth, np.ones(68))


def test_faces_are_chosen_by_their_place_among_all():
    errors = np.append(np.arange(100.0), 1110)  # their mean is 60
    chosen = chosen_faces(errors)
    assert list(chosen) == ['5 % are lower', '50 % are lower', 'the mean of all', '90 % are lower', '99 % are lower']
    assert [errors[row] for row in chosen.values()] == [5, 50, 60, 90, 99]


def test_each_panel_shows_truth_and_prediction_with_its_error():
    left, right = FACE_300W.eye_corners
    assert right - left == 9
    figure = drawn_errors([face(error) for error in (0.01, 0.02, 0.03, 0.04, 0.10)], FACE_300W)
    assert [axes.get_title().split()[0] for axes in figure.axes] == ['1.0', '3.0', '4.0', '10.0', '10.0']
    for axes in figure.axes:
        truth, predicted = (np.asarray(line.get_xydata()) for line in axes.lines[-2:])
        assert np.allclose(np.abs(predicted - truth).max(), float(axes.get_title().split()[0]) / 100)


def test_faces_of_another_protocol_are_refused():
    with pytest.raises(ValueError, match=r'must have 68 landmarks. Got an array of shape \(1, 5, 2\)'):
        drawn_errors([FacePrediction('lfw', 0, 'a.jpg', np.ones((5, 2)), np.ones((5, 2)), np.ones(5))], FACE_300W)


def without(face, *unknown):
    """The face as a set has it that lacks landmarks: at (0, 0), and not annotated."""
    truth, annotated = face.truth + 5, face.annotated.copy()
    truth[list(unknown)], annotated[list(unknown)] = 0, 0
    return replace(face, predicted=face.predicted + 5, truth=truth, annotated=annotated)


def test_landmarks_without_annotation_neither_stretch_the_box_nor_are_drawn():
    by_box = replace(FACE_300W, name='by_box', normalizer='box_side')
    figure = drawn_errors([without(face(0.67), 0)], by_box)
    # The others lie from 1/9 to 67/9, and all are predicted 0.67 too low.
    assert figure.axes[0].get_title().split()[0] == f'{100 * 0.67 * 9 / 66:.1f}'
    for line in figure.axes[0].lines[-2:]:
        assert np.isnan(line.get_xydata()).all(axis=1).nonzero()[0].tolist() == [0]


def test_faces_without_eye_corners_are_refused():
    with pytest.raises(ValueError, match=r'a.jpg: the eye corners \(36, 45\) must be annotated'):
        drawn_errors([face(0.1), without(face(0.1), 36)], FACE_300W)
