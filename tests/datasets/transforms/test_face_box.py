"""Boxes that a caller of the inference may give, and that are none."""

import numpy as np
import pytest
from helpers import ROOT

from mmsepbn.datasets import FaceCrop

IMAGE = np.random.default_rng(0).integers(0, 255, (90, 120, 3)).astype(np.uint8)


def crop(bbox, **more):
    return FaceCrop().transform(dict(img=IMAGE, bbox=bbox, **more))


@pytest.mark.parametrize(
    ('box', 'message'),
    [
        ([[50, 50, 10, 10]], 'must have an area'),  # would turn the face by 180 degrees
        ([[50, 10, 10, 50]], 'must have an area'),
        ([[10, 50, 50, 10]], 'must have an area'),
        ([[10, 10, 10, 50]], 'must have an area'),
        ([[10, 10, 50, 10]], 'must have an area'),
        ([[10, 10, 10 + 1e-9, 50]], 'must have an area'),
        ([[1e7, 10, 1e7 + 0.3, 50]], 'must have an area'),  # not as float32 keeps it
        ([[np.nan, 10, 50, 50]], 'must be finite'),
        ([[10, 10, 50, np.inf]], 'must be finite'),
        ([[0, 0, 1e30, 1e30]], 'must be finite and within'),
        ([[10, 10, 50, 50, 0.9]], r'must be \(1, 4\).*Got shape \(1, 5\)'),
        ([10, 10, 50, 50], r'must be \(1, 4\)'),
        (10, r'must be \(1, 4\)'),
        ([], r'must be \(1, 4\)'),
        ([['a', 'b', 'c', 'd']], 'must be numbers'),
        ([[120, 10, 150, 50]], 'lies outside the image of 120 x 90 pixels'),
        ([[-40, 10, 0, 50]], 'lies outside the image'),
        ([[10, 90, 50, 130]], 'lies outside the image'),
        ([[10, -40, 50, 0]], 'lies outside the image'),
    ],
)
def test_what_is_no_box_is_refused(box, message):
    with pytest.raises(ValueError, match=f'^The box .* of the image {message}'):
        crop(np.array(box))


@pytest.mark.parametrize('kind', [np.float64, np.float32, np.float16, np.int64, np.int32, np.uint8])
def test_numbers_of_any_kind_cut_the_same(kind):
    expected = IMAGE[20:84, 30:94]
    found = FaceCrop(input_size=(64, 64)).transform(dict(img=IMAGE, bbox=np.array([[30, 20, 94, 84]], kind)))
    assert np.array_equal(found['img'], expected)


def test_a_box_that_reaches_beyond_the_image_is_one():
    assert crop(np.array([[-30, -20, 31, 21]]))['input_scale'].tolist() == [61, 61]


def test_the_face_of_a_data_set_is_named():
    with pytest.raises(ValueError, match=r'^The box \[\[5, 5, 1, 1\]\] of list\.txt:3 must'):
        crop(np.array([[5, 5, 1, 1]]), source='list.txt:3', img_path='a.jpg')
    with pytest.raises(ValueError, match=r'of a\.jpg must'):
        crop(np.array([[5, 5, 1, 1]]), img_path='a.jpg')


def test_mmposes_inference_refuses_them_and_takes_both_formats(synthetic_faces, monkeypatch):
    from mmpose.apis import inference_topdown, init_model

    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    model = init_model(str(ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'), device='cpu')

    def keypoints(bboxes, **more):
        return [face.pred_instances.keypoints for face in inference_topdown(model, IMAGE, bboxes, **more)]

    good, swapped = [10, 20, 80, 85], [80, 85, 10, 20]
    with pytest.raises(ValueError, match=r'The box \[\[80, 85, 10, 20\]\] of the image must have an area'):
        keypoints([good, swapped])
    with pytest.raises(ValueError, match='must have an area'):
        keypoints(np.array([[80, 85, -70, -65]]), bbox_format='xywh')
    with pytest.raises(ValueError, match=r'must be \(1, 4\)'):
        keypoints(good)
    (expected,) = keypoints(np.array([good], np.float32))
    for same in (keypoints([good]), keypoints(np.array([[10, 20, 70, 65.0]]), bbox_format='xywh')):
        assert np.array_equal(same[0], expected)
