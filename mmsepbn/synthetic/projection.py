"""Turns head points into image pixels: rotation, perspective camera, and the fit of the face box into the image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.parameters import Pose


@dataclass(frozen=True)
class View:
    """Camera of one image: pixel = ``scale`` * perspective(rotation @ point) + ``offset``."""

    rotation: NDArray[np.float64]
    body_rotation: NDArray[np.float64]
    distance: float
    scale: float = 1.0
    offset: tuple[float, float] = (0.0, 0.0)

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Head points (..., 3) in decimetres -> (..., 3): x, y in pixels and depth z towards the viewer."""
        return self.look(points @ self.rotation.T)

    def look(self, turned: NDArray[np.float64]) -> NDArray[np.float64]:
        """Already rotated points (..., 3) -> (..., 3): x, y in pixels and depth z towards the viewer."""
        x, y, z = np.moveaxis(turned, -1, 0)
        nearness = self.scale * self.distance / (self.distance - z)
        return np.stack((x * nearness + self.offset[0], y * nearness + self.offset[1], z), axis=-1)

    def magnified(self, factor: float) -> 'View':
        """The same view on an image with ``factor`` times as many pixels each way, pixel centres at whole numbers."""
        x, y = (factor * (shift + 0.5) - 0.5 for shift in self.offset)
        return View(self.rotation, self.body_rotation, self.distance, factor * self.scale, (x, y))


def turn(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """Rotation (3, 3) for angles in degrees, signs as in ``Pose``."""
    (sy, sp, sr), (cy, cp, cr) = (f(np.radians((yaw, pitch, roll))) for f in (np.sin, np.cos))
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


def unit_view(pose: Pose) -> View:
    """View at one pixel per decimetre, centred on the head's origin; the body follows the head half-way."""
    body = turn(0.55 * pose.yaw, 0.25 * pose.pitch, 0.25 * pose.roll)
    return View(turn(pose.yaw, pose.pitch, pose.roll), body, pose.distance)


def fit_view(view: View, box: tuple[float, float, float, float], pose: Pose, size: int) -> View:
    """``view`` scaled so that ``box`` (x1, y1, x2, y2 under the unit view) gets its share and place in the image."""
    x1, y1, x2, y2 = box
    scale = pose.box_share * size / max(x2 - x1, y2 - y1)
    centre = 0.5 * (size - 1) + np.asarray(pose.shift) * size
    x, y = centre - scale * np.array((0.5 * (x1 + x2), 0.5 * (y1 + y2)))
    return View(view.rotation, view.body_rotation, view.distance, scale, (float(x), float(y)))
