"""Things in front of the face: hand, scarf, sunglasses, hair strand, or some object, drawn into the image."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.fixed_point import SHIFT, fixed_point
from mmsepbn.synthetic.curves import Curves, along
from mmsepbn.synthetic.parameters import FaceParameters
from mmsepbn.synthetic.shading import light_background


@dataclass(frozen=True)
class Scene:
    """Float32 (H, W, 3) ``pixels`` painted in place, projected ``curves`` in its pixels, and pixels per decimetre."""

    pixels: NDArray[np.float32]
    curves: Curves
    unit: float
    parameters: FaceParameters

    def cover(self, polygon: NDArray, colour: tuple, opacity: float = 1.0, texture: NDArray | float = 1.0) -> None:
        """Paint a polygon (P, 2) in ``colour`` as lit here, times ``texture`` (H, W, 1)."""
        mask = np.zeros(self.pixels.shape[:2], np.uint8)
        cv2.fillPoly(mask, [fixed_point(polygon)], (255,), cv2.LINE_AA, SHIFT)
        self._put(mask, colour, opacity, texture)

    def line(self, points: NDArray, colour: tuple, width: float, opacity: float = 1.0, soft: float = 0.0) -> None:
        """Paint a round-ended polyline (P, 2), ``width`` pixels wide."""
        mask = np.zeros(self.pixels.shape[:2], np.uint8)
        cv2.polylines(mask, [fixed_point(points)], False, (255,), max(round(width), 1), cv2.LINE_AA, SHIFT)
        if soft:
            mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.uint8)
        self._put(mask, colour, opacity, 1.0)

    def _put(self, mask: NDArray[np.uint8], colour: tuple, opacity: float, texture: NDArray | float) -> None:
        x, y, width, height = cv2.boundingRect(mask)
        window = np.s_[y : y + height, x : x + width]
        texture = np.broadcast_to(np.float32(texture), (*mask.shape, 1))[window]
        alpha = mask[window][..., None].astype(np.float32) * np.float32(opacity / 255.0)
        under = self.pixels[window]
        under += alpha * (light_background(colour, self.parameters.light) * texture - under)


def draw_occluder(scene: Scene, rng: np.random.Generator) -> None:
    """Draw ``parameters.occluder`` over the face; nothing where it is None."""
    painters = {'hand': _hand, 'scarf': _scarf, 'sunglasses': _sunglasses, 'strand': _strand, 'object': _object}
    if scene.parameters.occluder is not None:
        painters[scene.parameters.occluder](scene, rng)


def _sunglasses(scene: Scene, rng: np.random.Generator) -> None:
    curves, unit = scene.curves, scene.unit
    frame = (20.0, 18.0, 18.0) if rng.random() < 0.7 else (40.0, 60.0, 120.0)
    wide, tall = rng.uniform(1.5, 1.75), rng.uniform(0.62, 0.85)
    turn = np.linspace(0, 2 * np.pi, 41)
    inner_edges, outer_edges = [], []
    for side in ('left', 'right'):
        outer, inner = curves[f'{side}_lid_upper'][0], curves[f'{side}_lid_upper'][-1]
        centre, along_eye = 0.5 * (outer + inner), 0.5 * wide * (outer - inner)
        down = _down(curves) * unit * 0.34 * tall
        circle = np.stack((np.cos(turn), np.sin(turn)), axis=1)
        squared = np.sign(circle) * np.abs(circle) ** 0.72
        lens = centre + 0.10 * down + squared[:, :1] * along_eye + squared[:, 1:] * down
        glow = np.linspace(0.6, 2.2, scene.pixels.shape[0], dtype=np.float32)[:, None, None]
        scene.cover(lens, (40.0, 30.0, 26.0), 0.97, glow)
        scene.line(lens, frame, 0.045 * unit)
        shine = centre - 0.25 * down + np.linspace(-0.4, 0.1, 9)[:, None] * along_eye
        scene.line(shine, (250.0, 250.0, 250.0), 0.03 * unit, 0.35, 0.02 * unit)
        inner_edges.append(centre - along_eye)
        outer_edges.append(centre + along_eye)
    scene.line(np.array(inner_edges), frame, 0.05 * unit)
    for edge, temple in zip(outer_edges, (curves['contour'][0], curves['contour'][-1]), strict=True):
        scene.line(np.array((edge, temple)), frame, 0.05 * unit)


def _scarf(scene: Scene, rng: np.random.Generator) -> None:
    """Cloth over nose, mouth and chin."""
    curves, unit = scene.curves, scene.unit
    contour, down = curves['contour'], _down(scene.curves) * unit
    first = rng.integers(8, 20)
    top = along(curves['nose_bridge'], [rng.uniform(0.55, 0.9)])
    lower = contour[first : len(contour) - first]
    middle = contour.mean(axis=0)
    lower = lower + 0.05 * (lower - middle) + 0.05 * down
    colour = tuple(rng.uniform(30, 235, 3).tolist())
    edge = np.concatenate((lower[-1:], along(np.concatenate((lower[-1:], top, lower[:1])), [0.25, 0.5, 0.75])))
    size = scene.pixels.shape[0]
    rows, columns = np.mgrid[:size, :size].astype(np.float32)
    side = np.linalg.norm(down)
    wave = np.sin((rows + 0.15 * (columns - middle[0]) ** 2 / side) / side * rng.uniform(14, 26))
    round_off = 1.1 - 0.35 * ((columns - middle[0]) / (0.75 * side)) ** 2
    scene.cover(np.concatenate((lower, edge)), colour, 1.0, (np.clip(round_off, 0.4, 1.1) + 0.09 * wave)[..., None])
    scene.line(np.concatenate((lower[-1:], edge[1:], lower[:1])), tuple(0.6 * c for c in colour), 0.02 * unit, 0.7)


def _hand(scene: Scene, rng: np.random.Generator) -> None:
    """Four fingers and a thumb from one side over mouth, cheek or eye."""
    curves, unit = scene.curves, scene.unit
    down = _down(curves)
    side = float(rng.choice((-1.0, 1.0)))
    across = np.array((down[1], -down[0])) * side
    targets = (
        curves['lip_outer_lower'][24],
        curves['nose_base'][24],
        curves[f'{"right" if side > 0 else "left"}_pupil'][0],
    )
    target = targets[rng.integers(3)] + rng.normal(0, 0.06, 2) * unit
    skin = np.array(scene.parameters.identity.skin) * rng.uniform(0.86, 1.0)
    palm = target + (0.95 * across + 0.75 * down) * unit
    width = 0.19 * unit
    scene.line(np.stack((palm, palm + (0.5 * across + 1.6 * down) * unit)), tuple(0.9 * skin), 0.62 * unit)
    fingers = [(0.42 - 0.20 * i, -0.16 + 0.04 * (i - 1.5) ** 2) for i in range(4)]
    roots = []
    for height, short in fingers:
        root = palm + (-0.10 * across + 0.9 * (height - 0.1) * down) * unit
        tip = target + ((short + 0.12) * across + height * down) * unit
        knuckle = 0.5 * (root + tip) - 0.05 * unit * down
        bone = along(np.stack((root, knuckle, tip)), np.linspace(0, 1, 9))
        scene.line(bone, tuple(0.52 * skin), width * 1.14, 0.9)
        scene.line(bone, tuple(skin), width * 0.98)
        scene.line(bone - 0.03 * unit * down, tuple(np.minimum(1.1 * skin, 255)), width * 0.35, 0.5, width * 0.15)
        nail = np.stack((tip, tip + 0.05 * unit * across))
        roots.append(root + 0.02 * unit * across)
        scene.line(nail, tuple(np.minimum(1.12 * skin + 8, 255)), width * 0.45, 0.7)
    scene.line(np.array(roots) + 0.06 * unit * across, tuple(0.94 * skin), 0.27 * unit)


def _strand(scene: Scene, rng: np.random.Generator) -> None:
    """A lock of hair that falls over one eye."""
    curves, unit = scene.curves, scene.unit
    widths = {side: np.linalg.norm(np.ptp(curves[f'{side}_lid_upper'], axis=0)) for side in ('left', 'right')}
    side = str(rng.choice([side for side, width in widths.items() if width > 0.8 * max(widths.values())]))
    down = _down(curves)
    across = np.array((down[1], -down[0])) * (1.0 if side == 'right' else -1.0)
    pupil, brow = curves[f'{side}_pupil'][0], curves[f'{side}_brow_upper'][24]
    cheek = curves['contour'][20 if side == 'left' else -21]
    crown = 0.4 * brow + 0.6 * curves['nose_bridge'][0] - 0.62 * unit * down
    hair, reach = np.array(scene.parameters.identity.hair), rng.uniform(0.8, 1.15)
    tones, mask = np.empty(scene.pixels.shape, np.uint8), np.zeros(scene.pixels.shape[:2], np.uint8)
    tones[:] = 0.8 * hair
    for place in rng.permutation(np.linspace(-1.0, 1.0, 90)):
        # Hairs rise from a wide root in the hair, gather over the eye and end at different lengths.
        spread = across * unit * (place + rng.normal(0.0, 0.12))
        root = crown + 0.30 * spread + rng.uniform(-0.16, 0.10) * unit * down
        over_brow = brow + 0.22 * spread - 0.12 * unit * down
        over_eye = pupil + 0.17 * spread + 0.2 * unit * across
        tip = pupil + reach * rng.uniform(0.55, 1.0) * (cheek - pupil) + 0.05 * spread
        line = [fixed_point(_bent(np.stack((root, over_brow, over_eye, tip))))]
        width = max(round(rng.uniform(0.008, 0.024) * unit), 1)
        cv2.polylines(tones, line, False, (hair * rng.uniform(0.7, 1.1)).tolist(), width, cv2.LINE_8, SHIFT)
        cv2.polylines(mask, line, False, (255,), width, cv2.LINE_AA, SHIFT)
    shadow = cv2.GaussianBlur(mask, (0, 0), 0.04 * unit)[..., None].astype(np.float32) / 255.0
    scene.pixels[:] *= 1.0 - 0.35 * shadow
    strands = light_background((1.0, 1.0, 1.0), scene.parameters.light) * cv2.blur(tones, (2, 2)).astype(np.float32)
    alpha = mask[..., None].astype(np.float32) / 255.0
    scene.pixels[:] += alpha * (strands - scene.pixels)


def _object(scene: Scene, rng: np.random.Generator) -> None:
    """A cup, phone or ball in front of part of the face."""
    contour, unit = scene.curves['contour'], scene.unit
    place = along(contour, [rng.uniform(0.12, 0.88)])[0]
    centre = place + rng.uniform(0.12, 0.45) * (scene.curves['nose_base'][24] - place)
    radii = rng.uniform((0.28, 0.3), (0.45, 0.55)) * unit
    angle, power = rng.uniform(-0.5, 0.5), float(rng.choice((0.25, 0.55, 1.0)))
    turn = np.linspace(0, 2 * np.pi, 61)
    circle = np.stack((np.cos(turn), np.sin(turn)), axis=1)
    shape = np.sign(circle) * np.abs(circle) ** power * radii
    rotation = np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))
    colour = rng.uniform(20, 240, 3)
    columns = np.arange(scene.pixels.shape[1], dtype=np.float32)
    fade = np.clip(1.1 - 0.5 * ((columns - centre[0] + 0.2 * radii[0]) / radii[0]) ** 2, 0.45, 1.1)[None, :, None]
    scene.cover(centre + shape @ rotation, tuple(colour), 1.0, fade)
    band = np.array(((-0.98, -0.2), (0.98, -0.2), (0.98, 0.25), (-0.98, 0.25))) * radii * (1.0 if power < 0.5 else 0.8)
    scene.cover(centre + band @ rotation, tuple(255.0 - colour), 0.85, fade)


def _bent(knots: NDArray) -> NDArray:
    """Smooth curve near four knots (4, 2): a cubic Bezier arc (17, 2)."""
    t = np.linspace(0, 1, 17)[:, None]
    a, b, c, d = knots
    return (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d


def _down(curves: Curves) -> NDArray:
    """Unit image direction (2,) from the eyes to the mouth."""
    eyes = 0.5 * (curves['left_lid_upper'].mean(axis=0) + curves['right_lid_upper'].mean(axis=0))
    way = curves['lip_inner_upper'].mean(axis=0) - eyes
    return way / np.linalg.norm(way)
