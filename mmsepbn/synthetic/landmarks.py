"""Reads the landmarks of every protocol off one set of projected curves, part by part, in the order of ``Part``."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mmsepbn.protocols import PROTOCOLS, Protocol
from mmsepbn.synthetic.curves import Curves, along, even_along
from mmsepbn.synthetic.head_shape import JAW_RING, HeadShape
from mmsepbn.synthetic.projection import View

_CONTOUR_TOP = 6.1
_CONTOUR_EDGE = np.radians(82.0)
_SIDE_POINTS = 65  # of the contour, temple to chin, both included
_NOSE_EDGE = np.radians(24.0)
_CONTOUR_ANGLES, _CHIN_ANGLES = np.linspace(_NOSE_EDGE, _CONTOUR_EDGE, 50), np.linspace(_NOSE_EDGE, 0.0, 30)[1:]
# Rings above the top are searched too: where the far side begins, other rings reach as high.
_ABOVE = 6
_CONTOUR_RINGS = np.linspace(_CONTOUR_TOP - 0.6, JAW_RING, 54)
_QUARTERS = np.linspace(0.0, 1.0, 5)


def project_curves(head: HeadShape, front: Curves, view: View) -> Curves:
    """Image curves (P, 2) in pixels: every front-view curve lifted onto the head, plus ``contour`` and ``chin``."""
    names, lengths = list(front), [len(curve) for curve in front.values()]
    flat = view.project(head.lift(np.concatenate(list(front.values()))))[:, :2]
    curves = dict(zip(names, np.split(flat, np.cumsum(lengths)[:-1]), strict=True))
    contour = jaw_contour(head, view)
    return curves | {'contour': contour, 'chin': contour[len(contour) // 2][None]}


def jaw_contour(head: HeadShape, view: View) -> NDArray[np.float64]:
    """The face outline from temple over chin to temple, image-left to image-right, as annotators draw it: (129, 2).

    A side turned away ends where the visible surface ends, so the outermost place of each height is taken.
    """
    upright = view.rotation[:2, 1] / np.linalg.norm(view.rotation[:2, 1])
    frame = np.array(((upright[1], upright[0]), (-upright[0], upright[1])))  # image x, y -> across, down the head
    # Both sides at once, image-left first: every call on the surface costs much beside its points.
    side = head.surface(np.concatenate((-_CONTOUR_ANGLES, _CONTOUR_ANGLES)), _CONTOUR_RINGS[:, None])
    chin = head.surface(np.concatenate((-_CHIN_ANGLES, _CHIN_ANGLES)), JAW_RING)
    sides, chins = np.split(view.project(side)[..., :2] @ frame, 2, axis=1), np.split(view.project(chin)[:, :2], 2)
    left, right = (
        even_along(np.concatenate((_outermost(places, sign) @ frame.T, below)), _SIDE_POINTS)
        for sign, places, below in zip((-1.0, 1.0), sides, chins, strict=True)
    )
    return np.concatenate((left[:-1], right[::-1]))


def _outermost(places: NDArray[np.float64], sign: float) -> NDArray[np.float64]:
    """Outline (P, 2), downwards, of one side's ``places`` (R, C, 2) across and down the head (sign -1 image-left)."""
    across, down = sign * places[..., 0], places[..., 1]
    heights = np.linspace(down[_ABOVE, -1], down[-1, 0], 60)
    reaches = [
        np.interp(heights, rising, reach, left=-np.inf, right=-np.inf)
        for rising, reach in zip(np.maximum.accumulate(down).T, across.T, strict=True)
    ]
    outermost = np.max(reaches, axis=0)
    return np.stack((sign * outermost, heights), axis=1)[np.isfinite(outermost)]


def read_landmarks(curves: Curves) -> dict[str, NDArray[np.float64]]:
    """Landmarks of all five protocols from projected curves: protocol name -> (L, 2) pixels."""
    return {name: _read(protocol, _READERS[name](curves)) for name, protocol in PROTOCOLS.items()}


def _read(protocol: Protocol, parts: Curves) -> NDArray[np.float64]:
    landmarks = np.full((protocol.num_landmarks, 2), np.nan)
    for part in protocol.parts:
        landmarks[list(part.indices)] = parts[part.name]
    return landmarks


def _ring(upper: NDArray[np.float64], lower: NDArray[np.float64], n_upper: int, n_lower: int) -> NDArray[np.float64]:
    """``n_upper`` places along the upper curve, ends included, then ``n_lower`` inner places back along the lower."""
    back = np.linspace(1.0, 0.0, n_lower + 2)[1:-1]
    return np.concatenate((along(upper, np.linspace(0.0, 1.0, n_upper)), along(lower, back)))


def _middle(upper: NDArray[np.float64], lower: NDArray[np.float64], place: float) -> NDArray[np.float64]:
    return 0.5 * (along(upper, [place]) + along(lower, [place]))


def _wflw(c: Curves) -> Curves:
    parts = _dense(c, contour=33, lip=(7, 5), lid=(5, 3))
    for side, order in (('left', 1), ('right', -1)):
        upper, lower = c[f'{side}_brow_upper'][::order], c[f'{side}_brow_lower'][::order]
        # Four places below against five above: none at the pointed outer end.
        below = (1.0 - _QUARTERS)[:4] if order == 1 else (1.0 - _QUARTERS)[1:]
        parts[f'{side}_brow'] = np.concatenate((along(upper, _QUARTERS), along(lower, below)))
        parts[f'{side}_pupil'] = c[f'{side}_pupil']
    return parts


def _face_300w(c: Curves) -> Curves:
    parts = _dense(c, contour=17, lip=(7, 5), lid=(4, 2))
    for side, order in (('left', 1), ('right', -1)):
        parts[f'{side}_brow'] = along(c[f'{side}_brow_upper'], _QUARTERS[::order])
    return parts


def _dense(c: Curves, contour: int, lip: tuple[int, int], lid: tuple[int, int]) -> Curves:
    parts = {
        'contour': along(c['contour'], np.linspace(0.0, 1.0, contour)),
        'nose_bridge': along(c['nose_bridge'], np.linspace(0.0, 1.0, 4)),
        'nose_base': along(c['nose_base'], _QUARTERS),
        'outer_lip': _ring(c['lip_outer_upper'], c['lip_outer_lower'], *lip),
        'inner_lip': _ring(c['lip_inner_upper'], c['lip_inner_lower'], 5, 3),
    }
    for side, order in (('left', 1), ('right', -1)):
        parts[f'{side}_eye'] = _ring(c[f'{side}_lid_upper'][::order], c[f'{side}_lid_lower'][::order], *lid)
    return parts


def _cofw(c: Curves) -> Curves:
    outer_upper, outer_lower = c['lip_outer_upper'], c['lip_outer_lower']
    inner = [along(c[f'lip_inner_{edge}'], [0.5]) for edge in ('upper', 'lower')]
    base = along(c['nose_base'], [0.0, 0.5, 1.0])
    parts = {
        'nose': np.stack((base[0], c['nose_bridge'][-1], base[2], base[1])),
        'outer_lip': _ring(outer_upper, outer_lower, 3, 1),
        'inner_lip': np.concatenate(inner),
        'chin': c['chin'],
    }
    for side in ('left', 'right'):
        upper, lower = c[f'{side}_brow_upper'], c[f'{side}_brow_lower']
        ends = (upper[:1], along(upper, [0.5]), _middle(upper, lower, 1.0), along(lower, [0.5]))
        parts[f'{side}_brow'] = np.concatenate(ends)
        parts[f'{side}_eye'] = _ring(c[f'{side}_lid_upper'], c[f'{side}_lid_lower'], 3, 1)
        parts[f'{side}_pupil'] = c[f'{side}_pupil']
    return parts


def _aflw(c: Curves) -> Curves:
    corners = along(c['lip_outer_upper'], [0.0, 1.0])
    centre = _middle(c['lip_inner_upper'], c['lip_inner_lower'], 0.5)
    wings = along(c['nose_base'], [0.0, 1.0])
    parts = {
        'nose': np.stack((wings[0], c['nose_bridge'][-1], wings[1])),
        'mouth': np.concatenate((corners[:1], centre, corners[1:])),
        'chin': c['chin'],
    }
    for side, order in (('left', 1), ('right', -1)):
        upper, lower = c[f'{side}_brow_upper'], c[f'{side}_brow_lower']
        brow = np.concatenate([_middle(upper, lower, place) for place in (0.0, 0.5, 1.0)])
        lid = c[f'{side}_lid_upper']
        parts[f'{side}_brow'] = brow[::order]
        parts[f'{side}_eye'] = np.concatenate((lid[:1], _eye_centre(c, side), lid[-1:]))[::order]
    return parts


def _eye_centre(c: Curves, side: str) -> NDArray[np.float64]:
    return _middle(c[f'{side}_lid_upper'], c[f'{side}_lid_lower'], 0.5)


def _wider_face(c: Curves) -> Curves:
    return {
        'left_eye': _eye_centre(c, 'left'),
        'right_eye': _eye_centre(c, 'right'),
        'nose': c['nose_bridge'][-1:],
        'mouth': along(c['lip_outer_upper'], [0.0, 1.0]),
    }


_READERS: dict[str, Callable[[Curves], Curves]] = {
    'wflw': _wflw,
    '300w': _face_300w,
    'cofw': _cofw,
    'aflw': _aflw,
    'wider_face': _wider_face,
}
