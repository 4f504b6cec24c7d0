"""The 3-D head: a surface lofted over tilted rings from crown to shoulders, plus bumps for nose, lips, sockets, ears.

Axes in decimetres: x to image-right, y down, z to the viewer; origin between the eyes on the axis of the skull.
A surface place is (s, v): angle ``s`` around the ring in radians (0 front, positive image-right) and ring height ``v``.
The jaw line is one ring, so it is a curve on the surface rather than an outline of some view.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmsepbn.synthetic.curves import smooth_interp, smoothstep
from mmsepbn.synthetic.parameters import Expression, Identity

JAW_RING = 11.0
NECK_RING = 14.0
CLOTH_RING = 15.3
LAST_RING = 18.0
JAW_DROP = 0.26
_ROUNDNESS = 2.25
_RELIEF_EDGE = 1.35
_EAR_ANGLE = np.radians(98.0)

# y at the front, half width, depth to the front, depth to the back, z of the widest place, rise towards the ear
_RINGS = np.array(
    [
        (-1.20, 0.01, 0.01, 0.01, -0.05, 0.00),
        (-1.17, 0.26, 0.30, 0.34, -0.05, 0.00),
        (-1.07, 0.46, 0.54, 0.60, -0.05, 0.00),
        (-0.86, 0.63, 0.76, 0.82, -0.03, 0.00),
        (-0.55, 0.725, 0.88, 0.95, -0.01, 0.00),
        (-0.22, 0.750, 0.93, 0.98, 0.00, 0.00),
        (0.02, 0.748, 0.91, 0.97, 0.00, 0.02),
        (0.28, 0.735, 0.91, 0.92, 0.00, 0.06),
        (0.52, 0.705, 0.92, 0.84, 0.00, 0.13),
        (0.78, 0.665, 0.90, 0.76, 0.00, 0.24),
        (1.00, 0.615, 0.87, 0.70, 0.00, 0.40),
        (1.13, 0.560, 0.80, 0.62, 0.00, 0.50),
        (1.16, 0.500, 0.66, 0.55, -0.05, 0.48),
        (1.17, 0.460, 0.42, 0.45, -0.16, 0.36),
        (1.34, 0.450, 0.33, 0.42, -0.26, 0.22),
        (1.50, 0.490, 0.33, 0.44, -0.30, 0.06),
        (1.62, 0.880, 0.40, 0.48, -0.32, -0.08),
        (1.80, 1.500, 0.48, 0.54, -0.32, -0.16),
        (3.40, 1.800, 0.60, 0.60, -0.32, 0.00),
    ]
)


@dataclass(frozen=True)
class HeadShape:
    """Rings (K, 6) as in ``_RINGS``, bumps (B, 5) as x, y, width, height, rise, and the nose's own profile (3, P).

    The nose profile lists y, rise in z, half width of the ridge; ``wings`` holds x, y, rise of the nose wings.
    A surface's angles ``s`` are (C,); its ring heights ``v`` are (C,), one for each angle, or (R, 1), or a number.
    """

    rings: NDArray[np.float64]
    bumps: NDArray[np.float64]
    nose: NDArray[np.float64]
    wings: tuple[float, float, float]
    chin_shape: float

    def base(self, s: ArrayLike, v: ArrayLike) -> NDArray[np.float64]:
        """Smooth head without bumps at broadcast (s, v): (C, 3) or (R, C, 3)."""
        s, v = np.asarray(s, float), np.asarray(v, float)
        y, half_width, front, back, centre, tilt = self._ring(v)
        cosine, sine = np.cos(s), np.sin(s)
        depth = np.where(cosine > 0, front, back)
        x = half_width * np.sign(sine) * np.abs(sine) ** (2 / _ROUNDNESS)
        z = centre + depth * np.sign(cosine) * np.abs(cosine) ** (2 / _ROUNDNESS)
        return np.stack(np.broadcast_arrays(x, y - tilt * self._rise(s), z), axis=-1)

    def surface(self, s: ArrayLike, v: ArrayLike) -> NDArray[np.float64]:
        """Points of the finished head at broadcast (s, v): (C, 3) or (R, C, 3)."""
        return self.raised(s, self.base(s, v))

    def raised(self, s: ArrayLike, base: NDArray[np.float64]) -> NDArray[np.float64]:
        """Smooth points (..., C, 3) at ring angles ``s`` (C,) with nose, lips, sockets and ears added: (..., C, 3)."""
        points = base.copy()
        near = np.abs(s) < _RELIEF_EDGE
        points[..., near, 2] += self._relief(points[..., near, 0], points[..., near, 1])
        points[..., 0] += np.sign(s) * ear_rise(np.abs(s), points[..., 1])
        return points

    def lift(self, front: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of a front-view drawing (P, 2) x, y put onto the surface: (P, 3)."""
        s, v = self.place(front)
        return self.surface(s, v)

    def place(self, front: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Surface places s (P,), v (P,) whose smooth base lies at front-view points (P, 2)."""
        x, y = front.T
        table = np.linspace(0.0, JAW_RING, 600)
        heights, half_widths, *_, tilts = self._ring(table)
        s, v = np.zeros_like(x), np.interp(y, heights, table)
        for _ in range(10):
            ratio = np.minimum(np.abs(x) / np.interp(v, table, half_widths), 1.0)
            s = np.sign(x) * np.arcsin(ratio ** (_ROUNDNESS / 2))
            v = np.interp(y + np.interp(v, table, tilts) * self._rise(s), heights, table)
        return s, v

    def _rise(self, s: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(np.abs(s) < np.pi / 2, np.abs(np.sin(s)), 1.0) ** self.chin_shape

    def _ring(self, v: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        return tuple(np.moveaxis(smooth_interp(v, np.arange(len(self.rings)), self.rings), -1, 0))

    def _relief(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """What bumps and nose add to z at front-view places: same shape as ``x``."""
        rise = np.zeros_like(x)
        for centre_x, centre_y, width, height, amount in self.bumps:
            rise += amount * np.exp(-(((x - centre_x) / width) ** 2) - ((y - centre_y) / height) ** 2)
        heights, ridges, half_widths = self.nose
        near = (np.abs(x) < 0.4) & (y > heights[0]) & (y < heights[-1])
        x, y = np.abs(x[near]), y[near]
        ridge, half_width = np.interp(y, heights, ridges), np.interp(y, heights, half_widths)
        wing_x, wing_y, amount = self.wings
        wing = amount * np.exp(-(((x - wing_x) / 0.062) ** 2) - ((y - wing_y) / 0.075) ** 2)
        rise[near] += ridge * np.exp(-((x / half_width) ** 2)) + wing
        return rise


def ear_rise(s: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outward rise of the ear in decimetres at angles ``s`` >= 0 and heights ``y``."""
    radius2 = ((s - _EAR_ANGLE - 0.12 * (0.2 - y)) / 0.21) ** 2 + ((y - 0.17) / 0.30) ** 2
    return np.maximum(0.15 * smoothstep(0.0, 1.0, 1.25 - radius2) - 0.085 * ear_bowl(s, y), 0.0)


def ear_bowl(s: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hollow of the ear, 0 to 1, at angles ``s`` >= 0 and heights ``y``."""
    return np.exp(-(((s - _EAR_ANGLE + 0.06) / 0.12) ** 2) - ((y - 0.18) / 0.17) ** 2)


def build_head(identity: Identity, expression: Expression) -> HeadShape:
    """The head of one person with one expression."""
    rings = _RINGS.copy()
    face = smoothstep(-1.0, 0.2, rings[:, 0])
    jaw = np.interp(np.arange(len(rings)), (6, 9, 11, 13), (0.0, 0.8, 1.0, 0.0))
    rings[:14, 1] *= identity.face_width
    rings[:, 1] *= 1.0 + (identity.jaw_width - 1.0) * jaw
    chin = np.interp(np.arange(len(rings)), (7, 11, 13, 14), (0.0, 1.0, 1.0, 0.3))
    drop = np.interp(np.arange(len(rings)), (7.5, 10, 12, 14), (0.0, 1.0, 1.0, 0.0)) * JAW_DROP * expression.mouth_open
    rings[:, 0] += (identity.chin - 1.13) * chin + drop
    rings[:, 5] += drop
    rings[:, 2] += 0.02 * face * jaw
    rings[13:15, 0] = np.maximum(rings[13:15, 0], rings[12, 0] + np.array((0.01, 0.16)))
    return HeadShape(rings, _bumps(identity, expression), *_nose(identity), identity.chin_shape)


def _nose(identity: Identity) -> tuple[NDArray[np.float64], tuple[float, float, float]]:
    tip, height, hook = identity.nose_length, identity.nose_height, identity.nose_hook
    width = identity.nose_width
    profile = np.array(
        [
            (-0.14, 0.00, 0.080),
            (0.02, 0.10 * height, 0.068),
            (0.45 * tip, (0.44 + 0.10 * hook) * height, 0.068),
            (tip - 0.09, 0.86 * height, 0.36 * width + 0.015),
            (tip, height, 0.46 * width),
            (tip + 0.045, 0.84 * height, 0.48 * width),
            (tip + 0.085, 0.44 * height, 0.46 * width),
            (tip + 0.15, 0.10 * height, 0.40 * width),
            (tip + 0.24, 0.00, 0.070),
        ]
    )
    y = np.linspace(profile[0, 0], profile[-1, 0], 300)
    rise, half_width = smooth_interp(y, profile[:, 0], profile[:, 1:]).T
    return np.stack((y, rise, half_width)), (0.70 * width, tip + 0.02, 0.115)


def _bumps(identity: Identity, expression: Expression) -> NDArray[np.float64]:
    mouth, drop = mouth_line(identity), JAW_DROP * expression.mouth_open
    eye, wide, cheek = identity.eye_distance, identity.mouth_width, 0.045 * identity.cheeks
    pairs = [
        (eye, 0.03, 0.19, 0.13, -0.115),
        (eye, 0.00, 0.13, 0.095, 0.075),
        (0.88 * eye, -0.17, 0.22, 0.075, 0.04),
        (0.44, 0.29, 0.17, 0.15, cheek + 0.02),
        (0.40, mouth - 0.17, 0.13, 0.15, 0.035 * max(expression.smile, 0.0)),
        (0.42, 0.66, 0.17, 0.2, -0.03),
        (wide + 0.03, mouth + 0.01, 0.05, 0.06, -0.02),
    ]
    single = [
        (0.0, mouth - 0.01, 0.26, 0.19, 0.05),
        (0.0, mouth - 0.045, 0.6 * wide, 0.042, 0.042),
        (0.0, mouth + 0.06 + drop, 0.55 * wide, 0.048, 0.050),
        (0.0, mouth + 0.5 * drop, 0.8 * wide, 0.018 + 0.4 * drop, -0.03 - 0.2 * drop),
        (0.0, mouth + 0.15 + drop, 0.16, 0.05, -0.035),
        (0.0, identity.chin - 0.13 + drop, 0.17, 0.11, 0.07),
        (0.0, mouth - 0.125, 0.025, 0.05, -0.012),
    ]
    mirrored = [(sign * x, *rest) for sign in (-1.0, 1.0) for x, *rest in pairs]
    return np.array(mirrored + single)


def mouth_line(identity: Identity) -> float:
    """Height y of the closed mouth in decimetres: a share of the way from below the nose to the chin."""
    below_nose = identity.nose_length + 0.09
    return below_nose + identity.mouth_height * 0.75 * (identity.chin - below_nose)
