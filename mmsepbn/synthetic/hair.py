"""Hair: where it covers the skull, how far it stands off, and the curtain of long hair."""

import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.curves import smooth_interp, smoothstep
from mmsepbn.synthetic.parameters import Identity

_LONG = ('long', 'long_fringe')
_DEGREES = (0, 30, 55, 72, 84, 96, 118, 140, 180)

# Height y of the hair's edge around the head, at _DEGREES; the nape is low, the ear is left free.
_EDGES = {
    'short': (0.00, -0.02, 0.10, 0.40, 0.62, 0.36, 0.75, 1.05, 1.10),
    'swept': (-0.06, -0.03, 0.12, 0.42, 0.74, 0.40, 0.85, 1.15, 1.20),
    'fringe': (0.30, 0.31, 0.32, 0.58, 0.84, 0.42, 0.95, 1.20, 1.25),
    'long': (-0.02, 0.03, 0.20, 0.56, 0.95, 1.05, 1.20, 1.30, 1.40),
    'long_fringe': (0.31, 0.31, 0.32, 0.62, 0.98, 1.05, 1.20, 1.30, 1.40),
    'curly': (0.06, 0.05, 0.12, 0.45, 0.80, 0.62, 1.00, 1.15, 1.20),
}
_VOLUMES = {'short': 0.5, 'swept': 1.0, 'fringe': 0.8, 'long': 0.9, 'long_fringe': 0.9, 'curly': 1.9}


def hair_cover(identity: Identity, s: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Decimetres above the hair's edge at angles ``s`` (C,) and heights ``y`` (R, C), positive under hair: (R, C)."""
    if identity.hair_style == 'bald':
        return np.full(y.shape, -1.0)
    edge = identity.hairline + smooth_interp(np.abs(s), np.radians(_DEGREES), _EDGES[identity.hair_style])
    if identity.hair_style in ('swept', 'long'):
        edge = edge - 0.12 * np.exp(-(((s - 0.6 * identity.hair_parting) / 0.22) ** 2))
    wave = 0.014 * np.sin(11.0 * s + 9.0 * identity.hair_parting) + 0.010 * np.sin(31.0 * s)
    if identity.hair_style == 'curly':
        wave = 0.035 * np.sin(19.0 * s) + 0.03 * np.sin(43.0 * s + 2.0)
    return edge + wave - y


def hair_lift(identity: Identity, base: NDArray[np.float64], hair: NDArray[np.float64]) -> NDArray[np.float64]:
    """How the surface rises under hair: (..., 3) decimetres for base points (..., 3) and cover (...)."""
    if identity.hair_style == 'bald':
        return np.zeros_like(base)
    rise = identity.hair_volume * _VOLUMES[identity.hair_style] * smoothstep(-0.015, 0.32, hair)
    if identity.hair_style in ('swept', 'long', 'fringe', 'long_fringe'):
        rise = rise * (1.0 - 0.35 * np.exp(-(((base[..., 0] - 0.5 * identity.hair_parting) / 0.07) ** 2)))
    if identity.hair_style == 'curly':
        lumps = np.sin(17.0 * base[..., 0]) * np.sin(16.0 * base[..., 1]) * np.sin(15.0 * base[..., 2])
        rise = rise * (1.0 + 0.22 * lumps)
    outward = np.stack((base[..., 0], np.minimum(1.15 * (base[..., 1] + 0.1), 0.0), 0.9 * base[..., 2]), axis=-1)
    outward /= np.maximum(np.linalg.norm(outward, axis=-1, keepdims=True), 1e-6)
    return rise[..., None] * outward


def curtain_points(identity: Identity, columns: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Surface of hanging hair on the mesh's columns (C,): (R, C, 3) decimetres, None unless the hair is long.

    Columns run around the back from beside one cheek to beside the other; the two cheeks are never joined in front.
    """
    if identity.hair_style not in _LONG:
        return None
    part = np.linspace(0.0, 1.0, len(columns))
    knots = (0.0, 0.15, 0.4, 0.7, 1.0)
    fall = np.linspace(0.0, 1.0, 22)[:, None]
    opening = np.radians(smooth_interp(fall, knots, (78.0, 82.0, 84.0, 78.0, 66.0)))
    angle = opening + part * (2.0 * np.pi - 2.0 * opening)
    wave = 0.016 * np.sin(26.0 * part + 7.0 * fall) + 0.005 * np.sin(61.0 * part)
    end = identity.hair_length + 0.05 * np.sin(47.0 * part) + 0.04 * np.sin(101.0 * part + 1.0)
    y = -0.62 + fall * (end + 0.62)
    stand = identity.hair_volume * _VOLUMES[identity.hair_style]
    half = identity.face_width * smooth_interp(fall, knots, (0.70, 0.76, 0.79, 0.80, 0.74)) + stand + wave
    depth = smooth_interp(fall, knots, (0.92, 1.00, 0.92, 0.78, 0.70)) + stand + wave
    z = np.cos(angle) * np.where(np.cos(angle) < 0, depth, 0.75) - 0.02
    return np.stack((half * np.sin(angle), y, z), axis=-1)
