"""Named curves of the face in a front-view drawing of the head: both the brush and the landmarks follow them.

Every curve is a (P, 2) polyline in decimetres of the head's x, y. Eye and brow curves run from the outer to the inner
end, mouth and nose-base curves from image-left to image-right, the nose bridge from top to tip.
"""

import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.curves import Curves, smooth_interp
from mmsepbn.synthetic.head_shape import JAW_DROP, mouth_line
from mmsepbn.synthetic.parameters import Expression, Identity

POINTS = 49
_T = np.linspace(0.0, 1.0, POINTS)
_ACROSS = 2.0 * _T - 1.0

# Shapes of every face, on _T.
_DOME = np.sin(np.pi * _T**0.92) ** 0.72
_BOWL = np.sin(np.pi * _T**0.85) ** 0.85
_BROW_ARCH = smooth_interp(_T, (0.0, 0.35, 0.75, 1.0), (-0.2, 1.0, 0.55, 0.15))
_BROW_WIDTH = smooth_interp(_T, (0.0, 0.3, 0.7, 1.0), (0.16, 0.62, 1.0, 1.05))
_NOSE_KNOTS = (0.0, 0.25, 0.5, 0.75, 1.0)
_NOSE_BASE_X = np.interp(_T, _NOSE_KNOTS, (-1.0, -0.52, 0.0, 0.52, 1.0))
_NOSE_BASE_Y = smooth_interp(_T, _NOSE_KNOTS, (0.042, 0.080, 0.100, 0.080, 0.042))
_LIP_ARC = 1.0 - np.abs(_ACROSS) ** 1.8
_LIP_BOW = smooth_interp(np.abs(_ACROSS), (0.0, 0.06, 0.22, 0.6, 1.0), (0.80, 0.84, 1.0, 0.60, 0.0))
_LIP_PARTING = (1.0 - np.abs(_ACROSS) ** 2.4) ** 0.8
_LOWER_LIP = (1.0 - np.abs(_ACROSS) ** 2.2) ** 0.9


def front_curves(identity: Identity, expression: Expression) -> Curves:
    """All front-view curves: ``{left,right}_{brow,lid}_{upper,lower}``, pupils, nose and lips."""
    curves = nose_curves(identity) | mouth_curves(identity, expression)
    for side, sign, opening in (('left', -1.0, expression.left_eye), ('right', 1.0, expression.right_eye)):
        for name, curve in (_brow(identity, expression) | _eye(identity, opening)).items():
            curves[f'{side}_{name}'] = curve * (sign, 1.0)
        look = np.array(expression.gaze) * (0.05, 0.018)
        curves[f'{side}_pupil'] = (pupil_rest(identity) * (sign, 1.0) + look * min(opening, 1.0))[None]
        if opening < 0.25:
            curves[f'{side}_pupil'] = (
                0.5 * (curves[f'{side}_lid_upper'] + curves[f'{side}_lid_lower'])[POINTS // 2][None]
            )
    return curves


def pupil_rest(identity: Identity) -> NDArray[np.float64]:
    """Pupil of the image-right eye looking ahead: (2,)."""
    return np.array((identity.eye_distance, -0.018))


def _eye(identity: Identity, opening: float) -> Curves:
    """Lid edges of the image-right eye."""
    outer = np.array((identity.eye_distance + 0.5 * identity.eye_width, -identity.eye_tilt))
    inner = np.array((identity.eye_distance - 0.5 * identity.eye_width, identity.eye_tilt + 0.012))
    line = outer + (inner - outer) * _T[:, None]
    rise = 0.66 * identity.eye_height
    upper = np.stack((line[:, 0], line[:, 1] + _DOME * (0.030 - (rise + 0.030) * opening)), axis=1)
    lower = np.stack(
        (line[:, 0], line[:, 1] + _BOWL * (0.036 + (0.36 * identity.eye_height - 0.036) * opening)), axis=1
    )
    return {'lid_upper': upper, 'lid_lower': lower}


def _brow(identity: Identity, expression: Expression) -> Curves:
    """Upper and lower edge of the image-right brow."""
    height = identity.brow_height + 0.11 * expression.brow_raise
    inner_drop = 0.055 * expression.frown - 0.02 * expression.brow_raise
    distance = identity.eye_distance
    middle_x = np.linspace(distance + 0.255, 0.115 - 0.012 * expression.frown, POINTS)
    middle_y = -height - _BROW_ARCH * identity.brow_arch + inner_drop * _T**2
    half = 0.5 * identity.brow_thickness * _BROW_WIDTH
    return {
        'brow_upper': np.stack((middle_x, middle_y - half), axis=1),
        'brow_lower': np.stack((middle_x + 0.006 * _T, middle_y + half), axis=1),
    }


def nose_curves(identity: Identity) -> Curves:
    """Bridge from between the eyes to the tip, base from wing to wing by way of the septum."""
    tip, width = identity.nose_length, identity.nose_width
    bridge = np.stack((np.zeros(POINTS), np.linspace(0.015, tip, POINTS)), axis=1)
    base = np.stack((_NOSE_BASE_X * width, tip + _NOSE_BASE_Y), axis=1)
    return {'nose_bridge': bridge, 'nose_base': base}


def mouth_curves(identity: Identity, expression: Expression) -> Curves:
    """Outer and inner edges of both lips."""
    drop, smile = JAW_DROP * expression.mouth_open, expression.smile
    half = identity.mouth_width * (1.0 + 0.16 * smile - 0.14 * expression.mouth_open)
    middle = mouth_line(identity)
    corner = middle - 0.07 * smile + 0.28 * drop
    seam = corner + (middle - corner) * _LIP_ARC
    bared = 0.045 * max(smile - 0.35, 0.0)
    upper_lip = identity.upper_lip * (1.0 - 0.2 * max(smile, 0.0))
    gap_up, gap_down = 0.012 * expression.mouth_open + bared, (drop + 0.4 * bared)
    inner_upper = seam - gap_up * _LIP_PARTING
    inner_lower = corner + (middle + gap_down - corner) * (_LIP_PARTING if drop > 0.02 else _LIP_ARC)
    inner_lower = np.maximum(inner_lower, inner_upper)
    outer_upper = corner + (middle - gap_up - corner) * _LIP_PARTING - upper_lip * _LIP_BOW
    outer_lower = inner_lower + identity.lower_lip * _LOWER_LIP
    x = _ACROSS * half
    ends = 0.90 * half * _ACROSS
    curves = {'lip_outer_upper': outer_upper, 'lip_outer_lower': outer_lower}
    named = {name: np.stack((x, y), axis=1) for name, y in curves.items()}
    inner_y = {'lip_inner_upper': inner_upper, 'lip_inner_lower': inner_lower}
    return named | {name: np.stack((ends, np.interp(ends, x, y)), axis=1) for name, y in inner_y.items()}
