"""The One-Euro filter: smooths resting landmarks strongly, without delaying moving ones.

Casiez, Roussel and Vogel, 1€ filter: a simple speed-based low-pass filter for noisy input in interactive systems, CHI
2012. Speeds are in sides of the face per second, so the filter treats small and large faces alike.
"""

import numpy as np
from numpy.typing import NDArray


class OneEuro:
    """Smooths the points of one face, frame by frame.

    Args:
        min_cutoff: Hz below which motion of resting points passes; lower is smoother.
        beta: Hz more for each side of the face that a point moves in a second; higher lags less.
        speed_cutoff: Hz, of the filter of the speed.

    Raises:
        ValueError: a cutoff is not positive, or beta negative.
    """

    def __init__(self, min_cutoff: float = 1.0, beta: float = 20.0, speed_cutoff: float = 1.0) -> None:
        if not (min_cutoff > 0 and speed_cutoff > 0 and beta >= 0):
            raise ValueError(
                'OneEuro(min_cutoff=, speed_cutoff=) must be positive and beta= not negative. '
                f'Got {min_cutoff}, {speed_cutoff}, {beta}.'
            )
        self.min_cutoff, self.beta, self.speed_cutoff = min_cutoff, beta, speed_cutoff
        self._points: NDArray[np.float64] | None = None
        self._speeds: NDArray[np.float64] | None = None
        self._time = 0.0

    def __call__(self, points: NDArray[np.floating], side: float, time: float) -> NDArray[np.float64]:
        """The smoothed points.

        Args:
            points: (L, 2) in image pixels.
            side: of the face's box in image pixels.
            time: in seconds; must increase from frame to frame, else the previous points are kept.
        """
        points = np.asarray(points, np.float64)
        if self._points is None or self._speeds is None:
            self._points, self._speeds, self._time = points, np.zeros_like(points), time
            return points
        step = time - self._time
        if step <= 0:
            return self._points
        share = _share(self.speed_cutoff, step)
        self._speeds = self._speeds + share * ((points - self._points) / side / step - self._speeds)
        speed = np.linalg.norm(self._speeds, axis=-1, keepdims=True)
        self._points = self._points + _share(self.min_cutoff + self.beta * speed, step) * (points - self._points)
        self._time = time
        return self._points


def _share(cutoff: float | NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Weight of the new value in a first-order low-pass filter: cutoff in Hz, step in seconds."""
    return np.asarray(1 / (1 + 1 / (2 * np.pi * np.asarray(cutoff) * step)))
