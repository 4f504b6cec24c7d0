"""The part of an image that a cache keeps."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from mmsepbn.datasets import RandomFaceCrop
from mmsepbn.datasets.face_cache.region import Region, cut_region, face_region
from mmsepbn.datasets.transforms.affine import CropAugmentation, transform_points
from mmsepbn.datasets.transforms.crop_reach import CropReach

BOX = np.array([400.0, 300, 600, 480])  # its longer side is 200, its centre 500, 390


def test_the_region_by_hand():
    """One pixel is kept for 2 of the image; interpolation needs 2 of those more, and 1 for whole numbers."""
    region = face_region(BOX, (1000, 1000), CropReach(across=1.0, along=0.75, pixels=100, finest=300))
    assert region == Region(left=295, top=235, right=706, bottom=546, columns=206, rows=156)
    first, last = transform_points(np.array([[0, 0], [205, 155]]), region.to_image)
    np.testing.assert_allclose(first, [295 + 411 / 206 / 2 - 0.5, 235 + 311 / 156 / 2 - 0.5])
    np.testing.assert_allclose(first + last, [295 + 705, 235 + 545])


def test_the_region_of_a_tall_box_is_that_of_a_wide_one_turned():
    tall = face_region(BOX[[1, 0, 3, 2]], (1000, 1000), CropReach(across=0.75, along=1.0, pixels=100, finest=300))
    assert tall == Region(left=235, top=295, right=546, bottom=706, columns=156, rows=206)


def test_small_faces_are_kept_as_they_are():
    region = face_region(BOX, (1000, 1000), CropReach(1.0, 1.0, pixels=400, finest=400))
    assert (region.columns, region.rows) == (region.right - region.left, region.bottom - region.top)
    np.testing.assert_array_equal(region.to_image, [[1, 0, region.left], [0, 1, region.top], [0, 0, 1]])
    image = np.random.default_rng(0).integers(0, 255, (1000, 1000, 3), np.uint8)
    kept = cut_region(image, region)
    assert np.array_equal(kept, image[region.top : region.bottom, region.left : region.right])


@pytest.mark.parametrize('where', [(0, 0), (900, 900), (-5000, 20), (20, 5000)])
def test_it_ends_with_the_image(where):
    box = BOX - 400 + np.array(where * 2)
    region = face_region(box, (700, 800), CropReach(1.0, 1.0, 100, 100))
    assert 0 <= region.left < region.right <= 800
    assert 0 <= region.top < region.bottom <= 700
    assert region.columns >= 1
    assert region.rows >= 1


@pytest.mark.parametrize('step', [1, 2, 4, 5])
def test_kept_pixels_are_means(step):
    image = np.random.default_rng(0).integers(0, 255, (60, 80, 3), np.uint8)
    region = Region(0, 20, 80, 60, 80 // step, 40 // step)
    expected = image[20:].reshape(40 // step, step, 80 // step, step, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(cut_region(image, region), expected, atol=0.51)


@pytest.mark.parametrize('antialias', [False, True])
@pytest.mark.parametrize('scale', [1, 1.25, 2, 6, 16])
def test_no_crop_reaches_beyond_what_is_kept(scale, antialias):
    """Of a white image every crop is white, however many pixels are kept and averaged."""
    crop = RandomFaceCrop((32, 24), antialias=antialias)
    image, box = np.full((1400, 1400, 3), 255, np.uint8), np.array([400.0, 400, 1000, 1000])
    region = face_region(box, image.shape[:2], replace(crop.reach, pixels=crop.reach.pixels * scale))
    kept, labels = cut_region(image, region), dict(keypoints=np.zeros((1, 1, 2)), keypoints_visible=np.ones((1, 1)))
    furthest = (-0.15, -0.15, 0.15, 0.15), (-0.15, -0.15, -0.15, -0.15), (0.15, 0.15, 0.15, 0.15)
    for rotation, shear, shift in product((-25, -17, 0, 17, 25), (-0.3, 0, 0.3), furthest):
        face = dict(img=kept, bbox=box[None], img_to_image=region.to_image, **labels)
        assert crop.crop(face, CropAugmentation(rotation, shear, shift))['img'].min() == 255
