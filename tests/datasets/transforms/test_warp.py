"""Crops of images that are too large for OpenCV."""

import numpy as np
import pytest

from mmsepbn.boxes import square_box
from mmsepbn.datasets import FaceCrop
from mmsepbn.datasets.transforms.affine import CropAugmentation, crop_matrix
from mmsepbn.datasets.transforms.warp import warped

RNG = np.random.default_rng(0)


def bilinear(image, matrix, size):
    """The crop by its definition: each of its pixels from four of the image's, which is black outside."""
    columns, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    x, y, _ = np.tensordot(np.linalg.inv(matrix), np.stack((columns, rows, np.ones_like(rows))), 1)
    crop = np.zeros((*columns.shape, 3))
    for i in (0, 1):
        for j in (0, 1):
            u, v = np.floor(x).astype(int) + i, np.floor(y).astype(int) + j
            inside = (u >= 0) & (v >= 0) & (u < image.shape[1]) & (v < image.shape[0])
            weight = (1 - abs(x - u)) * (1 - abs(y - v)) * inside
            crop += weight[..., None] * image[np.where(inside, v, 0), np.where(inside, u, 0)]
    return crop


@pytest.mark.parametrize('shape', [(40, 50_000), (50_000, 40), (40, 60)])
@pytest.mark.parametrize('where', ['start', 'middle', 'end', 'beside'])
def test_a_crop_is_the_same_wherever_it_lies(shape, where):
    image = np.repeat(np.repeat(RNG.integers(0, 255, (shape[0] // 4, shape[1] // 4, 3), np.uint8), 4, 0), 4, 1)
    height, width = shape
    places = dict(start=(3, 5), middle=(width / 2, height / 2), end=(width - 4, height - 2), beside=(width + 90, 5))
    x, y = places[where]
    box = np.array([x - 15, y - 12, x + 15, y + 12])
    matrix = crop_matrix(square_box(box), (32, 24), CropAugmentation(rotation=20, shear=0.2, flip=True))
    difference = np.abs(warped(image, matrix, (32, 24)) - bilinear(image, matrix, (32, 24)))
    assert difference.mean() < 2
    assert difference.max() < 25  # OpenCV interpolates in steps of 1/32 pixel
    assert where != 'beside' or not warped(image, matrix, (32, 24)).any()


@pytest.mark.parametrize('width', [32_766, 32_767, 40_000, 100_000])
def test_a_face_as_wide_as_the_image_is_shrunk(width):
    """A ramp stays one: 0 at the left edge of the image, 255 at the right one."""
    ramp = np.rint(np.linspace(0, 255, width)).astype(np.uint8)
    image = np.broadcast_to(ramp[None, :, None], (100, width, 3)).copy()
    crop = FaceCrop((128, 128))(dict(img=image, bbox=np.array([[0.0, 0, width, 100]])))['img']
    expected = np.arange(128) / 128 * 255
    assert np.abs(crop[64, :, 0] - expected).max() <= 1.5
    assert not crop[:40].any()  # beyond the image


def averaged(image, matrix, size, samples=8):
    """The crop by its definition: the mean over each of its pixels of the image, which is black outside."""
    places = (np.arange(samples) + 0.5) / samples - 0.5
    shifts = [np.array([[1.0, 0, -x], [0, 1, -y], [0, 0, 1]]) for x in places for y in places]
    return np.mean([bilinear(image, shift @ matrix, size) for shift in shifts], axis=0)


@pytest.mark.parametrize('step', [2, 3, 7])
@pytest.mark.parametrize('where', ['middle', 'corner'])
def test_where_it_shrinks_it_averages(step, where):
    image = RNG.integers(0, 255, (250, 300, 3), np.uint8)
    x, y = dict(middle=(150, 125), corner=(295, 245))[where]
    half = 8 * step + 0.4 * step
    matrix = crop_matrix(np.array([x - half, y - half, x + half, y + half]), (16, 16), CropAugmentation(flip=True))
    expected = averaged(image, matrix, (16, 16))
    plain, smooth = (warped(image, matrix, (16, 16), antialias) for antialias in (False, True))
    assert np.abs(smooth - expected).mean() < 0.6 * np.abs(plain - expected).mean()
    outside = (expected == 0).all(axis=-1)
    assert outside.any() == (where == 'corner')
    assert not smooth[outside].any()


def test_as_many_pixels_are_averaged_as_the_direction_that_shrinks_less_allows():
    """Stripes of two columns stay stripes of one, although six rows become one."""
    stripes = np.broadcast_to((np.arange(200) // 2 % 2 * 200)[None, :, None], (200, 200, 3)).astype(np.uint8)
    crop = warped(stripes, crop_matrix(np.array([40.5, 20, 72.5, 116]), (16, 16)), (16, 16), antialias=True)
    assert np.abs(np.diff(crop[:, :, 0].astype(int), axis=1)).min() > 150


@pytest.mark.parametrize('step', [2, 3, 5, 6.5])
@pytest.mark.parametrize('shift', [0, 0.25, 3.5, -30])
def test_averaging_moves_nothing(step, shift):
    """A ramp stays the same ramp."""
    ramp = np.broadcast_to(np.arange(400, dtype=np.float32)[None, :, None], (300, 400, 3)).copy()
    matrix = crop_matrix(np.array([60.0, 50, 60 + 32 * step, 50 + 32 * step]) + shift, (32, 32))
    crop = warped(ramp, matrix, (32, 32), antialias=True)
    np.testing.assert_allclose(crop[16, :, 0], 60 + shift + step * np.arange(32), atol=0.11)  # steps of 1/32 pixel


def test_without_shrinking_averaging_changes_nothing():
    image = RNG.integers(0, 255, (100, 100, 3), np.uint8)
    for side in (20, 32, 63):
        matrix = crop_matrix(np.array([10.0, 10, 10 + side, 10 + side]), (32, 32), CropAugmentation(rotation=9))
        assert np.array_equal(warped(image, matrix, (32, 32), True), warped(image, matrix, (32, 32)))


@pytest.mark.parametrize('shape', [(100, 40_000), (40_000, 100)])
def test_large_images_are_averaged_too(shape):
    image = np.full((*shape, 3), 200, np.uint8)
    side = max(shape)
    crop = warped(image, crop_matrix(np.array([0.0, 0, side, side]), (64, 64)), (64, 64), antialias=True)
    mean = 200 * 100 / (side / 64)  # of the pixels that show it, the rest of the square is black
    assert crop.sum() == pytest.approx(mean * 64 * 3, rel=0.05)
