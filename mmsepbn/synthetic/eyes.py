"""Paints the eyes: lid shadow, white, iris, pupil, glint, lash line and crease, or a shut lid."""

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.fixed_point import SHIFT, fixed_point
from mmsepbn.synthetic.anatomy import POINTS
from mmsepbn.synthetic.brush import Drawing
from mmsepbn.synthetic.curves import Curves
from mmsepbn.synthetic.parameters import Colour, FaceParameters

IRIS_RADIUS = 0.066


def paint_eyes(drawing: Drawing, parameters: FaceParameters, curves: Curves, rng: np.random.Generator) -> None:
    """Both eyes between their lid edges."""
    glint = rng.uniform(-0.02, 0.02)
    for side, sign in (('left', -1.0), ('right', 1.0)):
        upper, lower = curves[f'{side}_lid_upper'], curves[f'{side}_lid_lower']
        _lid(drawing, parameters, upper, lower)
        if lower[POINTS // 2, 1] - upper[POINTS // 2, 1] > 0.02:
            _ball(drawing, parameters, upper, lower, curves[f'{side}_pupil'][0], glint)
        _lashes(drawing, parameters, upper, lower, sign, rng)


def _lid(drawing: Drawing, parameters: FaceParameters, upper: NDArray, lower: NDArray) -> None:
    """Eye shadow, crease above the lid and pouch below."""
    identity, make_up = parameters.identity, parameters.make_up
    skin = np.array(identity.skin)
    fold = tuple((skin * 0.52 + (0, 0, 8)).tolist())
    lift = np.sin(np.linspace(0.0, np.pi, POINTS))[:, None] * (0.0, -1.0)
    if make_up.lids:
        shadow = np.concatenate((upper, (upper + lift * 0.10 + (0.0, -0.01))[::-1]))
        drawing.fill(shadow, make_up.lid_colour, make_up.lids, 0.018)
    drawing.stroke((upper + lift * 0.036)[2:-6], fold, 0.011, 0.6, 0.006)
    drawing.stroke((lower - lift * 0.030)[6:-4], fold, 0.010, 0.22 + 0.25 * identity.age, 0.008)


def _ball(
    drawing: Drawing, parameters: FaceParameters, upper: NDArray, lower: NDArray, pupil: NDArray, glint: float
) -> None:
    """White, iris and pupil, cut by the lid edges."""
    outline = drawing.places(np.concatenate((upper, lower[::-1])))
    low, high = np.floor(outline.min(axis=0) - 2).astype(int), np.ceil(outline.max(axis=0) + 3).astype(int)
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    cv2.fillPoly(mask, [fixed_point(outline - low)], (255,), cv2.LINE_AA, SHIFT)
    under = drawing.pixels[:, low[1] : high[1], low[0] : high[0]]
    corner = drawing.places((0.0, 0.0)) - low
    ball = Drawing(np.empty_like(under), drawing.scale, tuple((-corner / drawing.scale).tolist()))
    ball.pixels[:] = np.reshape((222.0, 228.0, 236.0), (3, 1, 1))
    for end in (0, -1):
        ball.spot(upper[end], (0.05, 0.05), (150.0, 150.0, 205.0), 0.55)
    iris = parameters.identity.iris
    turn = np.linspace(0.0, 2.0 * np.pi, 33)
    circle = np.stack((np.cos(turn), np.sin(turn)), axis=1)
    ball.fill(pupil + IRIS_RADIUS * circle, _scaled(iris, 0.55), 1.0, 0.004)
    ball.fill(pupil + 0.82 * IRIS_RADIUS * circle, iris, 1.0, 0.006)
    ball.spot(pupil + np.array((0.0, 0.022)), (0.03, 0.02), _scaled(iris, 1.6), 0.5)
    ball.fill(pupil + 0.42 * IRIS_RADIUS * circle, (14.0, 12.0, 12.0), 1.0, 0.003)
    lift = np.array((0.0, 0.5 * 0.03))
    ball.stroke(upper + lift, (70.0, 62.0, 66.0), 0.03, 0.5, 0.012)
    ball.fill(pupil + (-0.022 + glint, -0.024) + 0.013 * circle, (255.0, 255.0, 255.0), 0.95, 0.002)
    under += mask.astype(np.float32) / 255.0 * (ball.pixels - under)


def _lashes(
    drawing: Drawing, parameters: FaceParameters, upper: NDArray, lower: NDArray, sign: float, rng: np.random.Generator
) -> None:
    identity = parameters.identity
    strong = min(parameters.make_up.lids + 0.25, 1.0)
    dark = _scaled(identity.brow, 0.45)
    drawing.stroke(upper, dark, 0.013 + 0.008 * strong, 0.92, 0.003)
    drawing.stroke(lower, _scaled(identity.skin, 0.45), 0.008, 0.55, 0.004)
    shut = lower[POINTS // 2, 1] - upper[POINTS // 2, 1] < 0.02
    places = np.linspace(0, POINTS - 8, 17).astype(int)
    roots = upper[places]
    lean = np.stack((sign * (0.045 - 0.08 * places / POINTS), np.full(len(places), 0.035 if shut else -0.022)), axis=1)
    lean = lean * (0.5 + 0.7 * strong) * rng.uniform(0.8, 1.1, (len(places), 1))
    drawing.hairs(roots, roots + lean, dark, 0.006, 0.5 + 0.4 * strong)


def _scaled(colour: Colour, factor: float) -> Colour:
    blue, green, red = (min(channel * factor, 255.0) for channel in colour)
    return blue, green, red
