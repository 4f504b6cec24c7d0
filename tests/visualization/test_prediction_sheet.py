import cv2
import numpy as np
import pytest

from mmsepbn.evaluation.face_result import FaceResult
from mmsepbn.evaluation.predictions import FacePrediction
from mmsepbn.visualization.prediction_sheet import PREDICTION_COLOR, TRUTH_COLOR, choose_faces, prediction_sheet


def make_results(errors):
    return [FaceResult('wflw', 'wflw', i, f'{i}.jpg', (), 50.0, error) for i, error in enumerate(errors)]


def prediction(image, truth, predicted, annotated=None):
    truth = np.array(truth)
    marks = np.ones(len(truth)) if annotated is None else np.array(annotated)
    return FacePrediction('wflw', 0, str(image), np.array(predicted), truth, marks)


def test_chosen_faces_go_from_the_best_to_the_worst():
    assert choose_faces(make_results([0.5, 0.1, 0.3, 0.2, 0.4]), 3) == [1, 2, 0]
    assert choose_faces(make_results([0.2, 0.1]), 6) == [1, 0]


def test_sheet_shows_truth_and_prediction_where_they_are(tmp_path):
    """A 100 pixel square of truth, prediction 20 pixels to the right: the crop is 1.35 times that, 224 pixels."""
    cv2.imwrite(str(tmp_path / '0.jpg'), np.zeros((200, 200, 3), np.uint8))
    truth = np.array([[50.0, 50.0], [150.0, 150.0]])
    face = prediction(tmp_path / '0.jpg', truth, truth + np.array([20.0, 0.0]))
    sheet = prediction_sheet({'BN': (make_results([0.1]), [face])})
    crop = sheet[-226:-2, :224]
    scale, left = 224 / 135, 50 - 17.5
    for x, y, color in ((50, 50, TRUTH_COLOR), (150, 150, TRUTH_COLOR), (70, 50, PREDICTION_COLOR)):
        column, row = round((x - left) * scale), round((y - left) * scale)
        assert crop[row, column].tolist() == pytest.approx(color, abs=3)


def test_an_image_that_is_gone_is_named():
    face = prediction('gone.jpg', np.zeros((1, 2)), np.zeros((1, 2)))
    with pytest.raises(FileNotFoundError, match=r'gone.jpg'):
        prediction_sheet({'BN': (make_results([0.1]), [face])})


def test_landmarks_that_are_not_annotated_neither_widen_the_crop_nor_show(tmp_path):
    cv2.imwrite(str(tmp_path / '0.jpg'), np.zeros((200, 200, 3), np.uint8))
    truth = np.array([[100.0, 100.0], [150.0, 150.0]])
    whole = prediction(tmp_path / '0.jpg', truth, truth + 10)
    more = prediction(tmp_path / '0.jpg', [*truth, (0.0, 0.0)], [*(truth + 10), (500.0, 500.0)], [1, 1, 0])
    sheets = [prediction_sheet({'BN': (make_results([0.1]), [face])}) for face in (whole, more)]
    np.testing.assert_array_equal(*sheets)


def test_a_face_of_one_annotated_landmark_has_a_crop_about_it(tmp_path):
    """A quarter of the normalizer of 50 pixels wide, times 1.35: the landmark is in the middle."""
    cv2.imwrite(str(tmp_path / '0.jpg'), np.zeros((200, 200, 3), np.uint8))
    face = prediction(tmp_path / '0.jpg', [(100.0, 100.0), (0.0, 0.0)], [(104.0, 100.0), (300.0, 300.0)], [1, 0])
    crop = prediction_sheet({'BN': (make_results([0.1]), [face])})[-226:-2, :224]
    assert crop[112, 112].tolist() == pytest.approx(TRUTH_COLOR, abs=3)
    assert crop[112, 112 + round(4 * 224 / (1.35 * 12.5))].tolist() == pytest.approx(PREDICTION_COLOR, abs=3)
