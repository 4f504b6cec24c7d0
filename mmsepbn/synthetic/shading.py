"""Lights the rasterized meshes: skin, hair and cloth colours per pixel times lamp and sky, with gloss."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.brush import Drawing
from mmsepbn.synthetic.mesh import COLUMNS, Mesh, vertex_normals
from mmsepbn.synthetic.parameters import Colour, FaceParameters, Light

_STRANDS = (96, 1536)
# cv2.remap wants images of moderate width, not one long list.
_PACK = 512


def light_pixels(
    meshes: Sequence[Mesh],
    seen: NDArray[np.float32],
    drawing: Drawing,
    parameters: FaceParameters,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Colours as planes (3, n) BGR float32 of pixels that show the mesh places ``seen`` (n, 2), column and row."""
    padded = np.concatenate((seen, np.zeros((-len(seen) % _PACK, 2), np.float32))).reshape(-1, _PACK, 2)
    columns, rows = np.ascontiguousarray(padded[..., 0]), np.ascontiguousarray(padded[..., 1])
    normals = _look_up(np.concatenate([vertex_normals(mesh) for mesh in meshes]), columns, rows)
    front = _look_up(np.concatenate([mesh.front for mesh in meshes]), columns, rows)
    place = ((front - np.asarray(drawing.origin, np.float32)) * np.float32(drawing.scale)).astype(np.float32)
    skin = cv2.remap(drawing.image(), place[..., 0], place[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # From here on colours are planes: numpy takes five times as long where the last axis has three elements.
    skin = _planes(skin)
    hairy, clothed, ear, under = _planes(_look_up(np.concatenate([mesh.cover for mesh in meshes]), columns, rows))
    identity = parameters.identity
    # The neck lies behind the drawing of the jaw and must not wear its beard.
    skin += np.clip(3.0 * under, 0.0, 1.0) * (_colour(identity.skin) - skin)
    skin *= (1.0 - 0.45 * under) * (1.0 - ear)
    strands = _strands(columns, rows, rng)
    is_hair = np.clip((hairy + 0.12 * (strands - 1.0)) / 0.04 + 0.5, 0.0, 1.0)
    is_cloth = np.clip(clothed / 0.02 + 0.5, 0.0, 1.0) * (1.0 - is_hair)
    hair = _colour(identity.hair) * (0.35 + 0.65 * strands) + 6.0
    colour = skin + is_hair * (hair - skin)
    # Skin next to the hair's edge lies in its shade.
    colour *= 1.0 - 0.3 * (1.0 - is_hair) * np.clip(1.0 + hairy / 0.07, 0.0, 1.0)
    colour += is_cloth * (_colour(identity.cloth) - colour)
    gloss = parameters.light.gloss * (1.0 - is_hair - is_cloth) + 0.16 * is_hair * strands
    return _lit(colour, normals, gloss, parameters.light).reshape(3, -1)[:, : len(seen)]


def _lit(colour: NDArray, normals: NDArray, gloss: NDArray, light: Light) -> NDArray[np.float32]:
    """Planes of colour (3, H, W), seen at ``normals`` (H, W, 3) with ``gloss`` (H, W), under ``light``."""
    lamp = np.asarray(light.direction, np.float32)
    lamp = lamp / np.linalg.norm(lamp)
    half = lamp + np.array((0.0, 0.0, 1.0), np.float32)
    half /= np.linalg.norm(half)
    wrapped = np.clip((normals @ lamp + 0.22) / 1.22, 0.0, 1.0)
    sky = (light.ambient * (0.86 - 0.14 * normals[..., 1])).astype(np.float32)
    shine = np.clip(normals @ half, 0.0, 1.0) ** 26 * (255.0 * gloss)
    lit = colour * (sky + light.strength * wrapped * _colour(light.tint))
    return (lit + shine * np.float32(light.strength + 0.3)) * np.float32(light.exposure)


def _planes(pixels: NDArray) -> NDArray[np.float32]:
    """(H, W, k) to (k, H, W)."""
    return np.ascontiguousarray(np.moveaxis(pixels, -1, 0))


def _colour(colour: Colour) -> NDArray[np.float32]:
    """A colour to mix with planes: (3, 1, 1)."""
    return np.asarray(colour, np.float32)[:, None, None]


def light_background(colour: Colour, light: Light) -> NDArray[np.float32]:
    """A flat colour (3,) as it looks under ``light`` when it faces the viewer."""
    amount = 0.55 * light.ambient + 0.45 * (light.ambient + light.strength)
    return np.asarray(colour, np.float32) * np.float32(amount * light.exposure)


def _strands(columns: NDArray, rows: NDArray, rng: np.random.Generator) -> NDArray[np.float32]:
    """Brightness about 1 of hair strands that run down the mesh: (H, W)."""
    noise = rng.normal(0.0, 1.0, _STRANDS).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), sigmaX=1.3, sigmaY=14.0), np.float32)
    noise = 0.22 * noise / noise.std()
    around = cv2.remap(COLUMNS[None].astype(np.float32), columns, np.zeros_like(columns), cv2.INTER_LINEAR)
    x = (around / (2 * np.pi) + 0.5) * (_STRANDS[1] - 1)
    y = rows % (_STRANDS[0] - 1)
    return 1.0 + cv2.remap(noise, x, y.astype(np.float32), cv2.INTER_LINEAR)


def _look_up(grid: NDArray[np.float32], columns: NDArray, rows: NDArray) -> NDArray[np.float32]:
    """Values of a vertex grid (R, C, k) at pixel places: (H, W, k)."""
    return np.asarray(cv2.remap(np.ascontiguousarray(grid), columns, rows, cv2.INTER_LINEAR), np.float32)
