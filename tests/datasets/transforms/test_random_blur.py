"""Blurred images."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from mmsepbn.datasets import RandomBlur


def image():
    return np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)


def test_blur_is_a_gaussian_of_the_drawn_width():
    blur = RandomBlur(sigma=(1.5, 1.5), prob=1.0)
    blurred = blur.transform(dict(img=image()))['img'].astype(float)
    expected = gaussian_filter(image().astype(float), sigma=(1.5, 1.5, 0), truncate=3.0)
    assert np.abs(blurred - expected)[8:-8, 8:-8].max() < 3  # the borders differ; OpenCV cuts the Gaussian and rounds
    assert np.abs(blurred - image()).mean() > 30


def test_as_many_are_blurred_as_asked_for_by_widths_of_the_range():
    np.random.seed(0)
    blur = RandomBlur(sigma=(0.5, 2.0), prob=0.3)
    drawn = [blur.draw() for _ in range(2000)]
    widths = [width for width in drawn if width is not None]
    assert 0.26 < len(widths) / 2000 < 0.34
    assert 0.5 <= min(widths) < 0.55
    assert 1.95 < max(widths) <= 2.0
    same = image()
    assert RandomBlur(prob=0.0).transform(dict(img=same))['img'] is same


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(sigma=(0.0, 1.0)), r'RandomBlur\(sigma=\) must be a positive range. Got \(0.0, 1.0\)'),
        (dict(sigma=(2.0, 1.0)), r'sigma=\) must be a positive range'),
        (dict(prob=1.5), r'RandomBlur\(prob=\) must lie in \[0, 1\]. Got 1.5'),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        RandomBlur(**settings)
