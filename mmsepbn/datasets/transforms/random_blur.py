"""Blurred images."""

from typing import Any

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness

from mmsepbn.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomBlur(BaseTransform):
    """Blur some images by a Gaussian of random width, as small or unsharp faces look. Changes ``img`` alone.

    Args:
        sigma: smallest and largest standard deviation in pixels of the crop.
        prob: probability of blurring.
    """

    def __init__(self, sigma: tuple[float, float] = (0.5, 2.0), prob: float = 0.2) -> None:
        if not 0 < sigma[0] <= sigma[1]:
            raise ValueError(f'RandomBlur(sigma=) must be a positive range. Got {tuple(sigma)}.')
        if not 0 <= prob <= 1:
            raise ValueError(f'RandomBlur(prob=) must lie in [0, 1]. Got {prob}.')
        self.sigma, self.prob = sigma, prob

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Blur one image or leave it."""
        sigma = self.draw()
        if sigma is not None:
            results['img'] = cv2.GaussianBlur(results['img'], (0, 0), sigma)
        return results

    @cache_randomness
    def draw(self) -> float | None:
        """The standard deviation of one image's blur; None: it stays sharp."""
        blurred, sigma = np.random.uniform() < self.prob, np.random.uniform(*self.sigma)
        return float(sigma) if blurred else None
