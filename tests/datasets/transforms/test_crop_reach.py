"""The reach of crops, held against many augmentations."""

import numpy as np
import pytest

from mmsepbn.boxes import square_box
from mmsepbn.datasets import FaceCrop, RandomFaceCrop
from mmsepbn.datasets.transforms.affine import CropAugmentation, crop_matrix, transform_points

BOX = np.array([-50.0, -40, 50, 40])  # its longer side is 100, about 0


def test_a_plain_crop_shows_its_box():
    reach = FaceCrop((128, 96), padding=1.25).reach
    np.testing.assert_allclose(reach.values(), [0.625, 0.625, 102.4, 102.4])


@pytest.mark.parametrize('rotation', [0, 5, 25, 45, 60, 75, 120, 180])
@pytest.mark.parametrize(('shear', 'jitter'), [(0, 0), (0.3, 0.15), (1.0, 0.3)])
def test_no_augmentation_reaches_further_and_some_reach_as_far(rotation, shear, jitter):
    size, padding = (128, 128), 1.25
    reach = RandomFaceCrop(size, padding, rotation=rotation, shear=shear, corner_jitter=jitter).reach
    square = square_box(BOX, padding)
    corners = np.array([[0, 0], [127, 0], [0, 127], [127, 127]])  # centres of pixels
    furthest, finest = np.zeros(2), 0.0
    for angle in np.linspace(-rotation, rotation, 41):
        for skew in (-shear, 0, shear):
            for shift in ((-jitter, -jitter, jitter, jitter), (jitter, jitter, -jitter, -jitter)):
                matrix = crop_matrix(square, size, CropAugmentation(angle, skew, shift, flip=True))
                shown = transform_points(corners, np.linalg.inv(matrix))
                furthest = np.maximum(furthest, np.abs(shown).max(axis=0) / 100)
                finest = max(finest, np.linalg.svd(matrix[:2, :2])[1][0] * 100)
    across, along = furthest
    assert 0.98 * reach.across < across < reach.across + 1e-9
    assert 0.98 * reach.along < along < reach.along + 1e-9
    assert 0.999 * reach.finest < finest < reach.finest * (1 + 1e-9)


def test_the_union_holds_both():
    first, second = FaceCrop((64, 64), padding=2.0).reach, FaceCrop((128, 128)).reach
    np.testing.assert_allclose((first | second).values(), [1, 1, 128, 128])
