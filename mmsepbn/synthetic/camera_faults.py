"""Faults of the camera: gaussian or motion blur, sensor noise, clipping to 8 bits."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.parameters import Camera


def expose(image: NDArray[np.float32], camera: Camera, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The (H, W, 3) float image as the camera records it, uint8. Blur kernels are symmetric: nothing moves."""
    size = camera.blur_size * image.shape[0]
    if camera.blur == 'gaussian':
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), size), np.float32)
    elif camera.blur == 'motion':
        streak = _streak(size, camera.blur_angle)
        image = np.asarray(cv2.filter2D(image, -1, streak, borderType=cv2.BORDER_REPLICATE), np.float32)
    noise = rng.standard_normal(image.shape, np.float32)
    return np.clip(np.rint(image + camera.noise * noise), 0, 255).astype(np.uint8)


def _streak(length: float, angle: float) -> NDArray[np.float32]:
    """Kernel of an even line ``length`` pixels long at ``angle`` degrees."""
    reach = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    steps = np.linspace(-length / 2, length / 2, 8 * reach)
    for x, y in np.outer(steps, (np.cos(np.radians(angle)), np.sin(np.radians(angle)))) + reach:
        left, top, dx, dy = int(x), int(y), x % 1, y % 1
        weights = np.outer((1 - dy, dy), (1 - dx, dx))
        kernel[top : top + 2, left : left + 2] += weights
    return kernel / kernel.sum()
