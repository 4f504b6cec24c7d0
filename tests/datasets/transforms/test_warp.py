"""Crops of images that are too large for OpenCV."""

import numpy as np
import pytest

from mmsepbn.datasets import FaceCrop
from mmsepbn.datasets.transforms.affine import CropAugmentation, crop_matrix, square_box
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
