import numpy as np
import pytest

from mmsepbn.datasets.transforms.affine import CropAugmentation, crop_matrix, transform_points

SQUARE = np.array([20.0, 30.0, 120.0, 130.0])
CORNERS = np.array([[20, 30], [120, 130], [70, 80]])


def test_the_box_goes_to_the_crop():
    points = transform_points(CORNERS, crop_matrix(SQUARE, (64, 128)))
    np.testing.assert_allclose(points, [[0, 0], [64, 128], [32, 64]])


def test_rotation_turns_right_to_down_about_the_centre():
    matrix = crop_matrix(SQUARE, (100, 100), CropAugmentation(rotation=90))
    np.testing.assert_allclose(
        transform_points(np.array([[70, 80], [80, 80]]), matrix), [[50, 50], [50, 60]], atol=1e-9
    )


def test_shear_shifts_by_the_distance_below_the_centre():
    matrix = crop_matrix(SQUARE, (100, 100), CropAugmentation(shear=0.3))
    np.testing.assert_allclose(transform_points(np.array([[70, 80], [70, 90]]), matrix), [[50, 50], [53, 60]])


def test_corner_shift_cuts_another_box():
    """x1 moves right by 10, y2 up by 15 of 100: the box is 90 wide and 85 high."""
    matrix = crop_matrix(SQUARE, (90, 85), CropAugmentation(corner_shift=(0.1, 0.0, 0.0, -0.15)))
    np.testing.assert_allclose(transform_points(np.array([[30, 30], [120, 115]]), matrix), [[0, 0], [90, 85]])


def test_flip_mirrors_pixel_columns_and_twice_is_the_identity():
    plain, mirrored = (crop_matrix(SQUARE, (128, 128), CropAugmentation(rotation=10, flip=f)) for f in (False, True))
    mirror = mirrored @ np.linalg.inv(plain)
    np.testing.assert_allclose(transform_points(np.array([[0, 5], [127, 5]]), mirror), [[127, 5], [0, 5]], atol=1e-9)
    np.testing.assert_allclose(mirror @ mirror, np.eye(3), atol=1e-9)


@pytest.mark.parametrize('seed', range(3))
def test_composition_equals_applying_the_steps_one_after_the_other(seed):
    rng = np.random.default_rng(seed)
    angle, shear, shift = rng.uniform(-25, 25), rng.uniform(-0.3, 0.3), rng.uniform(-0.15, 0.15, 4)
    points = rng.uniform(0, 150, (9, 2))
    radians = np.deg2rad(angle)
    x, y = (points - [70, 80]).T
    x = x + shear * y
    x, y = x * np.cos(radians) - y * np.sin(radians) + 70, x * np.sin(radians) + y * np.cos(radians) + 80
    x1, y1, x2, y2 = SQUARE + 100 * shift
    expected = np.stack((127 - (x - x1) / (x2 - x1) * 128, (y - y1) / (y2 - y1) * 128), axis=1)
    matrix = crop_matrix(SQUARE, (128, 128), CropAugmentation(angle, shear, tuple(shift), flip=True))
    np.testing.assert_allclose(transform_points(points, matrix), expected)
