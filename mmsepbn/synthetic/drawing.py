"""Paints the head's front view: skin, its tones and folds, beard, brows, nose and mouth; eyes come from ``eyes``."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.anatomy import POINTS
from mmsepbn.synthetic.brush import Drawing
from mmsepbn.synthetic.curves import Curves, along
from mmsepbn.synthetic.eyes import paint_eyes
from mmsepbn.synthetic.head_shape import JAW_DROP, mouth_line
from mmsepbn.synthetic.parameters import Colour, FaceParameters, Identity

_EXTENT = (2.5, 3.2)
_ORIGIN = (-1.25, -1.5)
_COARSE = 4.0


def paint_face(parameters: FaceParameters, curves: Curves, scale: float, rng: np.random.Generator) -> Drawing:
    """The front view of one head at ``scale`` pixels per decimetre."""
    identity = parameters.identity
    # Broad tones are painted small and enlarged, which costs a tenth and looks the same.
    small = Drawing(_skin(identity, *_cells(scale / _COARSE), rng), scale / _COARSE, _ORIGIN)
    _tones(small, parameters, curves)
    height, width = _cells(scale)
    pixels = cv2.resize(small.image(), (width, height), interpolation=cv2.INTER_CUBIC)
    drawing = Drawing(np.stack(cv2.split(pixels)), scale, _ORIGIN)
    _folds(drawing, parameters, curves)
    if identity.freckles:
        _freckles(drawing, identity, rng)
    if identity.beard:
        _beard(drawing, parameters, curves, rng)
    _nose(drawing, identity, curves)
    _mouth(drawing, parameters, curves, rng)
    paint_eyes(drawing, parameters, curves, rng)
    for side in ('left', 'right'):
        _brow(drawing, identity, curves[f'{side}_brow_upper'], curves[f'{side}_brow_lower'], rng)
    return drawing


def _cells(scale: float) -> tuple[int, int]:
    """Height and width in pixels of the whole drawing."""
    return round(_EXTENT[1] * scale), round(_EXTENT[0] * scale)


def shade(colour: Colour, factor: float, red: float = 0.0) -> Colour:
    """``colour`` made darker (factor < 1) or lighter, with some ``red`` grey levels added."""
    blue, green, reddish = colour
    return blue * factor, green * factor, min(reddish * factor + red, 255.0)


def _skin(identity: Identity, height: int, width: int, rng: np.random.Generator) -> NDArray[np.float32]:
    skin = np.empty((3, height, width), np.float32)
    skin[:] = np.reshape(identity.skin, (3, 1, 1))
    for cells, amount in ((8, 0.025), (60, 0.012)):
        coarse = rng.normal(0.0, amount, (cells * height // width, cells, 1)).astype(np.float32)
        skin *= 1.0 + cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return skin


def _tones(drawing: Drawing, parameters: FaceParameters, curves: Curves) -> None:
    """Colour that follows anatomy: rosy cheeks and nose, dim sockets and underside of the nose, light ridge."""
    identity, make_up = parameters.identity, parameters.make_up
    skin, tip, eye = identity.skin, identity.nose_length, identity.eye_distance
    rosy, dim = shade(skin, 0.93, 16.0), shade(skin, 0.66, 4.0)
    for sign in (-1.0, 1.0):
        drawing.spot((0.40 * sign, 0.36), (0.15, 0.12), rosy, 0.6)
        drawing.spot((eye * sign, -0.03), (0.15, 0.085), dim, 0.42)
        drawing.spot((0.135 * sign, 0.0), (0.04, 0.07), dim, 0.38)
        drawing.spot((eye * sign * 0.97, 0.13), (0.12, 0.03), dim, 0.10 + 0.22 * identity.age)
        drawing.spot((0.66 * sign, 0.55), (0.12, 0.4), dim, 0.22)
        if make_up.cheeks:
            drawing.spot((0.43 * sign, 0.33), (0.15, 0.09), (90.0, 50.0, 215.0), 0.55 * make_up.cheeks, -0.5 * sign)
    drawing.spot((0.0, tip - 0.02), (0.09, 0.08), rosy, 0.6)
    drawing.spot((0.0, 0.5 * tip), (0.022, 0.16), shade(skin, 1.1), 0.4)
    drawing.spot((0.0, tip + 0.13), (0.13, 0.035), dim, 0.45)
    lower = curves['lip_outer_lower'][POINTS // 2]
    drawing.spot(lower + np.array((0.0, 0.045)), (0.12, 0.028), dim, 0.5)
    drawing.spot((0.0, identity.chin + JAW_DROP * parameters.expression.mouth_open), (0.3, 0.05), dim, 0.2)


def _folds(drawing: Drawing, parameters: FaceParameters, curves: Curves) -> None:
    """Folds beside the mouth, lines of the forehead and between the brows; they deepen with age and expression."""
    identity, expression = parameters.identity, parameters.expression
    fold = shade(identity.skin, 0.62, 6.0)
    mouth, wing = mouth_line(identity), identity.nose_width
    deep = 0.12 + 0.4 * identity.age + 0.35 * max(expression.smile, 0.0)
    for sign in (-1.0, 1.0):
        corner = abs(curves['lip_outer_upper'][0, 0])
        line = np.array(
            ((wing + 0.03, identity.nose_length + 0.01), (corner + 0.02, mouth - 0.14), (corner + 0.075, mouth))
        )
        drawing.stroke(along(line, np.linspace(0, 1, 9)) * (sign, 1.0), fold, 0.02, min(deep, 0.75), 0.014)
        if expression.frown > 0.2 or identity.age > 0.7:
            pinch = np.array(((0.045, -0.26), (0.04, -0.12))) * (sign, 1.0)
            drawing.stroke(pinch, fold, 0.012, 0.4 * max(expression.frown, identity.age), 0.008)
    creased = max(0.75 * expression.brow_raise, 1.1 * identity.age - 0.45)
    if creased > 0.1:
        x = np.linspace(-0.36, 0.36, 21)
        for y in (-0.42, -0.50, -0.58):
            drawing.stroke(np.stack((x, y + 0.03 * np.cos(7 * x)), axis=1), fold, 0.01, 0.45 * creased, 0.008)


def _freckles(drawing: Drawing, identity: Identity, rng: np.random.Generator) -> None:
    count = int(110 * identity.freckles)
    places = np.stack((rng.normal(0.0, 0.27, count), rng.normal(0.30, 0.1, count)), axis=1)
    drawing.hairs(places, places + 0.004, shade(identity.skin, 0.62, 10.0), 0.012, 0.55)


def _beard(drawing: Drawing, parameters: FaceParameters, curves: Curves, rng: np.random.Generator) -> None:
    identity, mouth = parameters.identity, mouth_line(parameters.identity)
    drop = JAW_DROP * parameters.expression.mouth_open
    colour = shade(identity.brow, 0.95)
    chin = identity.chin + drop + 0.06
    side = np.array(((0.95, 0.36), (0.70, 0.44), (0.56, mouth - 0.10), (0.34, mouth - 0.18), (0.15, mouth - 0.15)))
    outline = np.concatenate((side, side[::-1] * (-1.0, 1.0), [(-0.6, chin), (0.6, chin)]))
    dense = max(identity.beard - 0.45, 0.0) / 0.55
    drawing.fill(outline, colour, 0.22 + 0.55 * dense, 0.035)
    count = int(900 + 900 * dense)
    roots = np.stack((rng.uniform(-0.7, 0.7, count), rng.uniform(mouth - 0.2, chin, count)), axis=1)
    inside = _inside(outline, roots)
    tips = roots[inside] + np.stack((roots[inside, 0] * 0.03, np.full(inside.sum(), 0.012 + 0.03 * dense)), axis=1)
    drawing.hairs(roots[inside], tips, colour, 0.006, 0.4 + 0.3 * dense)
    bare = np.concatenate((curves['lip_outer_upper'], curves['lip_outer_lower'][::-1]))
    middle = bare.mean(axis=0)
    drawing.fill(middle + (bare - middle) * 1.06, shade(identity.skin, 0.85, 10.0), 0.8, 0.015)


def _inside(outline: NDArray, points: NDArray) -> NDArray[np.bool_]:
    """Which points (n, 2) lie inside a polygon (P, 2): (n,)."""
    grid = np.zeros((160, 160), np.uint8)
    cv2.fillPoly(grid, [np.rint((outline + np.array((1.0, 0.3))) * 80).astype(np.int32)], (1,))
    column, row = np.clip(((points + np.array((1.0, 0.3))) * 80).astype(int), 0, 159).T
    return grid[row, column] > 0


def _nose(drawing: Drawing, identity: Identity, curves: Curves) -> None:
    """Wings and nostrils along the nose base."""
    dark, crease = shade(identity.skin, 0.27, 8.0), shade(identity.skin, 0.58, 6.0)
    base, width = curves['nose_base'], identity.nose_width
    tip = identity.nose_length
    for sign in (-1.0, 1.0):
        hole = np.array((0.46 * width * sign, tip + 0.072))
        turn = np.linspace(0, 2 * np.pi, 21)
        shape = np.stack((0.25 * width * np.cos(turn), 0.021 * np.sin(turn) - 0.012 * np.cos(turn) ** 2), axis=1)
        drawing.fill(hole + shape, dark, 0.85, 0.007)
        wing = np.array(((0.86, -0.055), (1.02, -0.01), (1.03, 0.035), (0.90, 0.068))) * (width * sign, 1.0) + (
            0.0,
            tip,
        )
        drawing.stroke(along(wing, np.linspace(0, 1, 13)), crease, 0.018, 0.75, 0.008)
    drawing.stroke(base[8:-8], crease, 0.014, 0.6, 0.009)


def _mouth(drawing: Drawing, parameters: FaceParameters, curves: Curves, rng: np.random.Generator) -> None:
    identity, make_up = parameters.identity, parameters.make_up
    upper, lower = curves['lip_outer_upper'], curves['lip_outer_lower']
    inner_upper, inner_lower = curves['lip_inner_upper'], curves['lip_inner_lower']
    mixed = np.array(identity.lip) * (1 - make_up.lips) + np.array(make_up.lip_colour) * make_up.lips
    blue, green, red = mixed.tolist()
    lip = (blue, green, red)
    soft = 0.004 + 0.005 * (1 - make_up.lips)
    drawing.fill(np.concatenate((upper, inner_upper[::-1])), shade(lip, 0.86), 0.95, soft)
    drawing.fill(np.concatenate((inner_lower, lower[::-1])), lip, 0.95, soft)
    middle = POINTS // 2
    glow = 0.5 * (inner_lower[middle] + lower[middle])
    drawing.spot(glow, (0.075, 0.016), shade(lip, 1.22, 14.0), 0.35 + 0.3 * make_up.lips)
    for edge in np.linspace(8, POINTS - 9, 12).astype(int):
        crease = np.array((inner_lower[edge], 0.35 * inner_lower[edge] + 0.65 * lower[edge]))
        drawing.stroke(crease, shade(lip, 0.8), 0.005, 0.3)
    gap = inner_lower[middle, 1] - inner_upper[middle, 1]
    seam = shade(lip, 0.36)
    if gap > 0.012:
        _inside_mouth(drawing, inner_upper, inner_lower, gap, rng)
        drawing.stroke(inner_upper, seam, 0.010, 0.7, 0.004)
        drawing.stroke(inner_lower, seam, 0.006, 0.4, 0.004)
    else:
        drawing.stroke(inner_upper, seam, 0.016, 0.9, 0.004)
    for end in (0, -1):
        drawing.spot(upper[end], (0.024, 0.016), seam, 0.55)


def _inside_mouth(drawing: Drawing, upper: NDArray, lower: NDArray, gap: float, rng: np.random.Generator) -> None:
    """Dark opening with upper teeth, and tongue and lower teeth when it is wide."""
    opening = np.concatenate((upper, lower[::-1]))
    drawing.fill(opening, (30.0, 16.0, 46.0))
    middle = POINTS // 2
    if gap > 0.10:
        turn = np.linspace(np.pi, 2 * np.pi, 15)
        half = 0.62 * upper[-1, 0]
        tongue = np.stack((half * np.cos(turn), lower[middle, 1] + 0.5 * gap * np.sin(turn)), axis=1)
        bottom = lower[8:-8][::-1]
        drawing.fill(np.concatenate((tongue, bottom)), (88.0, 78.0, 176.0), 0.9, 0.012)
    shown = min(0.075, 0.62 * gap)
    # Teeth end on a nearly straight line, however much the lip above them arches.
    line = upper[middle, 1] + shown * (1.0 - 0.25 * (upper[:, 0] / upper[-1, 0]) ** 2)
    edge = np.stack((upper[:, 0], np.clip(line, upper[:, 1], np.maximum(lower[:, 1], upper[:, 1]))), axis=1)
    keep = slice(5, -5)
    tone = rng.uniform(0.86, 1.0)
    teeth = (208.0 * tone, 226.0 * tone, 236.0 * tone)
    drawing.fill(np.concatenate((upper[keep], edge[keep][::-1])), teeth, 0.95, 0.003)
    for index in np.linspace(7, POINTS - 8, 9).astype(int):
        drawing.stroke(np.array((upper[index], edge[index])), shade(teeth, 0.72), 0.004, 0.45)


def _brow(drawing: Drawing, identity: Identity, upper: NDArray, lower: NDArray, rng: np.random.Generator) -> None:
    """Hair strokes between both edges over a soft ground; they lean outwards."""
    drawing.fill(np.concatenate((upper, lower[::-1])), identity.brow, 0.62, 0.008)
    count = 110
    place, height = rng.uniform(0.0, 1.0, count), rng.uniform(0.0, 1.0, count)
    bottom, top = along(lower, place), along(upper, place)
    roots = bottom + (top - bottom) * (0.85 * height[:, None])
    ahead = along(lower, np.clip(place - 0.10, 0, 1)) * (1 - height[:, None])
    ahead += along(upper, np.clip(place - 0.10, 0, 1)) * height[:, None]
    tips = ahead + (top - bottom) * (0.25 * (1 - height[:, None]))
    drawing.hairs(roots, tips, shade(identity.brow, 0.8), 0.006, 0.8)
