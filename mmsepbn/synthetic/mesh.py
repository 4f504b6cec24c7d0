"""Meshes of the head and of long hair: a grid of projected vertices with what shading needs to know at each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.curves import smoothstep
from mmsepbn.synthetic.hair import curtain_points, hair_cover, hair_lift
from mmsepbn.synthetic.head_shape import CLOTH_RING, JAW_RING, LAST_RING, NECK_RING, HeadShape, ear_bowl
from mmsepbn.synthetic.parameters import Identity
from mmsepbn.synthetic.projection import View


@dataclass(frozen=True)
class Mesh:
    """A grid of R x C vertices, rows from top to bottom, columns around the head from image-left back to itself.

    Attributes:
        image: (R, C, 3) x, y in pixels and depth towards the viewer.
        turned: (R, C, 3) rotated points in decimetres, for normals.
        front: (R, C, 2) place in the front-view drawing, decimetres.
        cover: (R, C, 4) hair (positive where hair covers), cloth, ear shade, under-jaw shade.
        two_sided: Whether the inside may be seen.
    """

    image: NDArray[np.float32]
    turned: NDArray[np.float32]
    front: NDArray[np.float32]
    cover: NDArray[np.float32]
    two_sided: bool = False


def _columns() -> NDArray[np.float64]:
    """Ring angles (C,), dense over eyes, nose and mouth."""
    half = np.concatenate((np.linspace(0, 0.9, 42), np.linspace(0.93, 2.1, 28), np.linspace(2.2, np.pi, 8)))
    return np.concatenate((-half[:0:-1], half))


def _rows() -> NDArray[np.float64]:
    """Ring heights (R,), dense from brow to chin."""
    skull, face = np.linspace(0.0, 4.6, 24)[:-1], np.linspace(4.6, JAW_RING, 70)
    return np.concatenate(
        (skull, face, np.linspace(JAW_RING, NECK_RING, 12)[1:], np.linspace(NECK_RING, LAST_RING, 16)[1:])
    )


COLUMNS, ROWS = _columns(), _rows()


def head_mesh(head: HeadShape, identity: Identity, view: View) -> Mesh:
    """Head, ears, neck and shoulders; hair is a rise of the same surface."""
    s, v = COLUMNS, ROWS[:, None]
    base = head.base(s, v)
    hair = hair_cover(identity, s, base[..., 1])
    points = head.raised(s, base) + hair_lift(identity, base, hair)
    body = smoothstep(JAW_RING + 1.0, CLOTH_RING + 0.7, v)[..., None]
    turned = (points @ view.rotation.T) * (1.0 - body) + (points @ view.body_rotation.T) * body
    # Behind the ears the drawing must not come back towards the face.
    sideways = np.sign(s) * 2.0 * np.abs(base[:, [int(np.argmin(np.abs(COLUMNS - np.pi / 2)))], 0])
    front_x = np.where(np.abs(s) > np.pi / 2, sideways - base[..., 0], base[..., 0])
    under = smoothstep(JAW_RING + 0.2, JAW_RING + 1.6, v) * (1.0 - 0.65 * smoothstep(NECK_RING, CLOTH_RING, v))
    cover = np.empty((*hair.shape, 4))
    cover[..., 0], cover[..., 1] = hair, (v - CLOTH_RING) + 0.25 * np.cos(s)
    cover[..., 2], cover[..., 3] = 0.5 * ear_bowl(np.abs(s), base[..., 1]), under
    return _mesh(view, turned, np.stack((front_x, base[..., 1]), axis=-1), cover)


def curtain_mesh(identity: Identity, view: View) -> Mesh | None:
    """Long hair hanging from the skull, open towards the face; None for short hair."""
    points = curtain_points(identity, COLUMNS)
    if points is None:
        return None
    body = smoothstep(0.7, 1.9, points[..., 1])[..., None] * 0.6
    turned = (points @ view.rotation.T) * (1.0 - body) + (points @ view.body_rotation.T) * body
    cover = np.zeros((*points.shape[:2], 4))
    cover[..., 0] = 1.0
    return _mesh(view, turned, points[..., :2], cover, two_sided=True)


def _mesh(view: View, turned: NDArray, front: NDArray, cover: NDArray, *, two_sided: bool = False) -> Mesh:
    image, turned, front, cover = (array.astype(np.float32) for array in (view.look(turned), turned, front, cover))
    return Mesh(image, turned, front, cover, two_sided)


def vertex_normals(mesh: Mesh) -> NDArray[np.float32]:
    """Unit outward normals: (R, C, 3)."""
    down = np.gradient(mesh.turned, axis=0)
    around = np.gradient(mesh.turned, axis=1)
    normals = np.cross(around, down)
    normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-9)
    return normals.astype(np.float32)
