import cv2
import numpy as np
import pytest

from mmsepbn.boxes import square_box
from mmsepbn.datasets import FaceCrop, RandomFaceCrop
from mmsepbn.datasets.pose_domain import pose_domain
from mmsepbn.datasets.transforms.affine import CropAugmentation, crop_matrix, transform_points
from mmsepbn.datasets.transforms.warp import warped
from mmsepbn.protocols import AFLW, WIDER_FACE
from mmsepbn.synthetic import generate_faces

DOTS = np.array([[60, 60], [100, 62], [80, 85], [66, 105], [97, 106]], np.float32)


def dotted_face(box=(40, 40, 120, 125)):
    """An image with one bright dot at each landmark, each of its own brightness."""
    image = np.zeros((160, 170, 3), np.uint8)
    for index, (x, y) in enumerate(DOTS):
        cv2.circle(image, (int(x), int(y)), 3, (0, 0, 100 + 30 * index), -1)
    return dict(
        img=cv2.GaussianBlur(image, (0, 0), 1),
        bbox=np.array([box], np.float32),
        keypoints=DOTS[None].copy(),
        keypoints_visible=np.arange(1, 6, dtype=np.float32)[None],
        flip_indices=WIDER_FACE.flip_indices,
    )


def found_dots(image):
    """Centres of mass of the five dots, brightest last."""
    red = image[..., 2].astype(np.float64)
    count, labels = cv2.connectedComponents((red > 12).astype(np.uint8))
    centres = []
    for label in range(1, count):
        rows, columns = np.nonzero(labels == label)
        weight = red[rows, columns]
        centres.append((weight.max(), (columns @ weight) / weight.sum(), (rows @ weight) / weight.sum()))
    return np.array([(x, y) for _, x, y in sorted(centres)])


@pytest.mark.parametrize('seed', range(8))
def test_landmarks_and_pixels_move_together(seed):
    np.random.seed(seed)
    crop = RandomFaceCrop((256, 256), padding=1.3, prob=1.0)
    results = crop.transform(dotted_face())
    dots = found_dots(results['img'])
    assert len(dots) == 5
    landmarks = transform_points(DOTS, results['crop_matrix'])
    assert np.abs(dots - landmarks).max() < 0.5
    rows = list(WIDER_FACE.flip_indices) if results['keypoints'][0, 0, 0] == DOTS[1, 0] else list(range(5))
    np.testing.assert_allclose(results['transformed_keypoints'][0], landmarks[rows], atol=1e-3)


def test_rows_of_a_mirrored_face_are_the_same_landmarks():
    results = FaceCrop().crop(dotted_face(), CropAugmentation(flip=True))
    left_eye, right_eye = results['transformed_keypoints'][0, :2]
    assert left_eye[0] < right_eye[0]
    np.testing.assert_allclose(
        transform_points(results['keypoints'], results['crop_matrix']), results['transformed_keypoints'], atol=1e-3
    )
    assert results['keypoints_visible'].tolist() == [[2, 1, 3, 5, 4]]


@pytest.mark.parametrize('flip', [False, True])
def test_the_head_pose_is_that_of_the_crop(flip):
    seen = set()
    for face in generate_faces(24, seed=6, size=32, workers=1):
        landmarks = face.landmarks['aflw']
        sample = dict(
            img=face.image,
            bbox=np.array([face.box]),
            keypoints=landmarks[None].astype(np.float32),
            keypoints_visible=np.ones((1, len(landmarks)), np.float32),
            flip_indices=AFLW.flip_indices,
            domain=pose_domain(landmarks, AFLW),
        )
        results = FaceCrop().crop(sample, CropAugmentation(flip=flip))
        assert results['domain'] == pose_domain(results['transformed_keypoints'][0], AFLW)
        seen.add(results['domain'])
    assert seen == {'frontal', 'left', 'right'}
    assert 'domain' not in FaceCrop().crop(dotted_face(), CropAugmentation(flip=flip))


def test_mirroring_equals_mirroring_the_pixels_of_the_crop():
    plain = FaceCrop().transform(dotted_face())
    mirrored = FaceCrop().crop(dotted_face(), CropAugmentation(flip=True))
    difference = plain['img'][:, ::-1].astype(int) - mirrored['img'].astype(int)
    assert np.abs(difference).max() <= 1  # OpenCV interpolates in steps of 1/32 pixel
    x, y = plain['transformed_keypoints'][0, list(WIDER_FACE.flip_indices)].T
    np.testing.assert_allclose(mirrored['transformed_keypoints'][0], np.stack((127 - x, y), 1), atol=1e-3)


def test_mmpose_maps_predictions_back_to_the_image():
    """MMPose's TopdownPoseEstimator: image = crop / input_size * input_scale + input_center - input_scale / 2."""
    results = FaceCrop((128, 96), padding=1.25).transform(dotted_face())
    crop, size, scale = results['transformed_keypoints'], results['input_size'], results['input_scale']
    np.testing.assert_allclose(crop / size * scale + results['input_center'] - scale / 2, DOTS[None], atol=1e-3)


def test_padding_widens_the_crop():
    assert FaceCrop(padding=1.0).transform(dotted_face())['input_scale'].tolist() == [85, 85]
    assert FaceCrop(padding=2.0).transform(dotted_face())['input_scale'].tolist() == [170, 170]


def test_it_works_for_inference_without_landmarks():
    results = FaceCrop().transform(dict(img=np.zeros((50, 50, 3), np.uint8), bbox=np.array([[0, 0, 50, 50]])))
    assert results['img'].shape == (128, 128, 3)


@pytest.mark.parametrize(('settings', 'flips'), [({}, 0.5), (dict(prob=0.5, flip_prob=0.25), 0.25)])
def test_changes_go_either_way_and_are_drawn_apart_from_each_other(settings, flips):
    np.random.seed(0)
    crop = RandomFaceCrop(**settings)
    draws = [crop.draw() for _ in range(4000)]
    values = np.array([(d.rotation / 25, d.shear / 0.3, *np.array(d.corner_shift) / 0.15) for d in draws])
    for column in values.T:
        assert -1 <= column.min() < -0.99
        assert 0.99 < column.max() <= 1
        assert abs(column[column != 0].mean()) < 0.05
    chosen = np.c_[values != 0, [d.flip for d in draws]]
    np.testing.assert_allclose(chosen.mean(axis=0), [0.5] * 6 + [flips], atol=0.03)
    apart = chosen[:, [0, 1, 2, -1]]  # the corners move together
    np.testing.assert_allclose(np.corrcoef(apart.T), np.eye(4), atol=0.06)
    np.testing.assert_allclose(np.corrcoef(values[chosen[:, :3].all(axis=1)].T), np.eye(6), atol=0.15)


def test_training_and_testing_average_alike():
    image = np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8)
    box = np.array([20.0, 30, 276, 286])
    matrix = crop_matrix(square_box(box), (32, 32))
    plain, smooth = (warped(image, matrix, (32, 32), antialias) for antialias in (False, True))
    assert not np.array_equal(plain, smooth)
    for antialias, expected in ((False, plain), (True, smooth)):
        settings = dict(input_size=(32, 32), padding=1.0, antialias=antialias)
        for crop in (FaceCrop(**settings), RandomFaceCrop(**settings, prob=0, flip_prob=0)):
            assert np.array_equal(crop.transform(dict(img=image, bbox=box[None]))['img'], expected)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(padding=0), r'padding=\) must be positive. Got 0'),
        (dict(input_size=(0, 128)), r'FaceCrop\(input_size=\) must be width and .* Got \(0, 128\)'),
        (dict(input_size=[128, -1]), r'FaceCrop\(input_size=\) must be width and .* Got \[128, -1\]'),
        (
            dict(input_size=(128.5, 128)),
            r'FaceCrop\(input_size=\) must be width and .* Got \(128.5, 128\)',
        ),
        (dict(input_size=128), r'FaceCrop\(input_size=\) must be width and .* Got 128'),
        (dict(input_size=(128,)), r'FaceCrop\(input_size=\) must be width and .* Got \(128,\)'),
        (dict(prob=1.5), r'prob=\) must lie in \[0, 1.0\]. Got 1.5'),
        (dict(corner_jitter=0.6), r'corner_jitter=\) must lie in \[0, 0.49\]. Got 0.6'),
    ],
)
def test_bad_parameters_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        RandomFaceCrop(**kwargs)
