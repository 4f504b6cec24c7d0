"""Brushes for the front-view drawing: anti-aliased shapes in decimetres, hard or soft, blended within their own box."""

from dataclasses import dataclass
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmsepbn.fixed_point import SHIFT, fixed_point
from mmsepbn.synthetic.parameters import Colour


@dataclass(frozen=True)
class Drawing:
    """The head's front as float32 BGR planes (3, H, W); ``scale`` pixels per decimetre, ``origin`` its corner.

    The array is painted in place: it lives only while one face is drawn.
    """

    pixels: NDArray[np.float32]
    scale: float
    origin: tuple[float, float]

    def image(self) -> NDArray[np.float32]:
        """A copy (H, W, 3), as OpenCV takes it."""
        return np.asarray(cv2.merge(list(self.pixels)), np.float32)

    def places(self, points: ArrayLike) -> NDArray[np.float64]:
        """Pixel coordinates of points (..., 2) in decimetres."""
        return (np.asarray(points) - self.origin) * self.scale

    def fill(self, polygon: ArrayLike, colour: Colour, opacity: float = 1.0, soft: float = 0.0) -> None:
        """Fill a polygon (P, 2); ``soft`` is the blur of its edge in decimetres."""
        points = self.places(polygon)
        window = self._window(points, soft)
        mask = np.zeros((window[1] - window[0], window[3] - window[2]), np.uint8)
        if mask.size:
            cv2.fillPoly(mask, [fixed_point(points - (window[2], window[0]))], (255,), cv2.LINE_AA, SHIFT)
            self._blend(mask, window, colour, opacity, soft)

    def stroke(self, line: ArrayLike, colour: Colour, width: float, opacity: float = 1.0, soft: float = 0.0) -> None:
        """Draw a polyline (P, 2) ``width`` decimetres wide."""
        points = self.places(line)
        window = self._window(points, soft + width)
        mask = np.zeros((window[1] - window[0], window[3] - window[2]), np.uint8)
        if mask.size:
            thickness = max(round(width * self.scale), 1)
            fixed = fixed_point(points - (window[2], window[0]))
            cv2.polylines(mask, [fixed], False, (255,), thickness, cv2.LINE_AA, SHIFT)
            self._blend(mask, window, colour, opacity * min(width * self.scale, 1.0), soft)

    def spot(
        self, centre: ArrayLike, radii: tuple[float, float], colour: Colour, opacity: float, angle: float = 0.0
    ) -> None:
        """Blend in a gaussian spot with standard deviations ``radii`` decimetres, turned by ``angle`` radians."""
        point = self.places(centre)
        top, bottom, left, right = self._window(point[None], 2.6 * max(radii))
        if bottom <= top or right <= left:
            return
        # Untilted, the spot's exponent is the sum of a row and a column.
        dx = (np.arange(left, right) - point[0]) / self.scale
        dy = (np.arange(top, bottom)[:, None] - point[1]) / self.scale
        if angle:
            dx, dy = dx * np.cos(angle) + dy * np.sin(angle), dy * np.cos(angle) - dx * np.sin(angle)
        alpha = np.exp(-0.5 * ((dx / radii[0]) ** 2 + (dy / radii[1]) ** 2)).astype(np.float32) * opacity
        self._mix(alpha, (top, bottom, left, right), colour)

    def hairs(self, roots: NDArray, tips: NDArray, colour: Colour, width: float, opacity: float = 1.0) -> None:
        """Draw n straight hairs from ``roots`` (n, 2) to ``tips`` (n, 2)."""
        both = self.places(np.stack((roots, tips), axis=1))
        window = self._window(both.reshape(-1, 2), width)
        mask = np.zeros((window[1] - window[0], window[3] - window[2]), np.uint8)
        if mask.size:
            thickness = max(round(width * self.scale), 1)
            lines = list(fixed_point(both - (window[2], window[0])))
            cv2.polylines(mask, lines, False, (255,), thickness, cv2.LINE_AA, SHIFT)
            self._blend(mask, window, colour, opacity, 0.0)

    def _window(self, points: NDArray, margin: float) -> tuple[int, int, int, int]:
        """Rows top:bottom and columns left:right around points (P, 2) in pixels, cut to the image."""
        pad = 2.5 * margin * self.scale + 3.0
        _, height, width = self.pixels.shape
        (left, top), (right, bottom) = (points.min(axis=0) - pad).tolist(), (points.max(axis=0) + pad).tolist()
        top, bottom = (min(max(row, 0), height) for row in (floor(top), ceil(bottom)))
        left, right = (min(max(column, 0), width) for column in (floor(left), ceil(right)))
        return top, bottom, left, right

    def _blend(self, mask: NDArray[np.uint8], window: tuple, colour: Colour, opacity: float, soft: float) -> None:
        if soft > 0:
            mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(soft * self.scale, 0.3)), np.uint8)
        self._mix(mask.astype(np.float32) * (opacity / 255.0), window, colour)

    def _mix(self, alpha: NDArray[np.float32], window: tuple, colour: Colour) -> None:
        top, bottom, left, right = window
        under = self.pixels[:, top:bottom, left:right]
        under += alpha * (np.asarray(colour, np.float32)[:, None, None] - under)
