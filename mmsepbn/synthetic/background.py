"""What is behind the head: plain, gradient, cloudy, blobs or stripes."""

import cv2
import numpy as np
from numpy.typing import NDArray


def draw_background(size: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A random (size, size, 3) BGR float32 image, 0 to 255."""
    kind = rng.choice(('plain', 'gradient', 'cloud', 'blobs', 'stripes'), p=(0.12, 0.22, 0.26, 0.25, 0.15))
    first, second = _colour(rng), _colour(rng)
    if kind == 'plain':
        return np.tile(first, (size, size, 1))
    if kind == 'blobs':
        return _blobs(size, first, rng)
    places = np.arange(size, dtype=np.float32) / size
    angle = rng.uniform(0, 2 * np.pi)
    across = np.cos(angle) * places + np.sin(angle) * places[:, None]
    if kind == 'gradient':
        part = (across - across.min()) / np.ptp(across)
    elif kind == 'stripes':
        part = 0.5 + 0.5 * np.tanh(4.0 * np.sin(across * rng.uniform(15, 50)))
        part = cv2.GaussianBlur(part, (0, 0), size * rng.uniform(0.004, 0.02))
    else:
        part = sum(_cloud(size, cells, rng) * weight for cells, weight in ((4, 0.5), (9, 0.3), (25, 0.2)))
    return first + part[..., None].astype(np.float32) * (second - first)


def _blobs(size: int, ground: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    image = np.tile(ground, (size, size, 1))
    for _ in range(rng.integers(5, 14)):
        centre, radii = rng.integers(0, size, 2), rng.integers(size // 16, size // 3, 2)
        if rng.random() < 0.5:
            cv2.ellipse(image, centre.tolist(), radii.tolist(), rng.uniform(0, 180), 0, 360, _colour(rng).tolist(), -1)
        else:
            cv2.rectangle(image, centre.tolist(), (centre + radii).tolist(), _colour(rng).tolist(), -1)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), size * rng.uniform(0.004, 0.03)), np.float32)


def _cloud(size: int, cells: int, rng: np.random.Generator) -> NDArray[np.float32]:
    coarse = rng.random((cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _colour(rng: np.random.Generator) -> NDArray[np.float32]:
    grey = rng.uniform(30, 225)
    return np.clip(grey + rng.normal(0, 32, 3), 8, 247).astype(np.float32)
