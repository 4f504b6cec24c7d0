"""Draws annotated faces: parameters, head, landmarks, image. Every face depends on its seed and index alone."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.processes.usable_cores import usable_cores
from mmsepbn.synthetic.anatomy import front_curves
from mmsepbn.synthetic.background import draw_background
from mmsepbn.synthetic.camera_faults import expose
from mmsepbn.synthetic.drawing import paint_face
from mmsepbn.synthetic.head_shape import build_head
from mmsepbn.synthetic.landmarks import project_curves, read_landmarks
from mmsepbn.synthetic.mesh import curtain_mesh, head_mesh
from mmsepbn.synthetic.occluders import Scene, draw_occluder
from mmsepbn.synthetic.parameters import FaceParameters
from mmsepbn.synthetic.projection import fit_view, unit_view
from mmsepbn.synthetic.rasterizer import rasterize
from mmsepbn.synthetic.sampling import sample_parameters
from mmsepbn.synthetic.shading import light_pixels

_OVERSAMPLING = 1.5
_DRAWING_DETAIL = 1.25
SMALLEST = 32  # pixels
_DRAWN_AHEAD = 16

Box = tuple[float, float, float, float]


def generate_face(seed: int, index: int, size: int = 256) -> AnnotatedFace:
    """Face number ``index`` of the set ``seed`` on a square image of ``size`` pixels; a pure function."""
    for name, value in (('seed', seed), ('index', index)):
        if value < 0:
            raise ValueError(f'generate_face({name}=) must be at least 0. Got {value}.')
    if size < SMALLEST:
        raise ValueError(f'generate_face(size=) must be at least {SMALLEST} pixels. Got {size}.')
    rng = np.random.default_rng((seed, index))
    return render_face(sample_parameters(rng), rng, f'face_{seed}_{index:07d}', size)


def generate_faces(
    count: int, seed: int = 0, *, start: int = 0, size: int = 256, workers: int | None = None
) -> Iterator[AnnotatedFace]:
    """Faces ``start`` to ``start + count - 1`` in order, drawn by ``workers`` processes (None: one per usable core).

    The faces do not depend on ``workers``; 1 draws in this process.
    """
    if count < 0:
        raise ValueError(f'generate_faces(count=) must be at least 0. Got {count}.')
    workers = usable_cores() if workers is None else workers
    if workers < 1:
        raise ValueError(f'generate_faces(workers=) must be at least 1 or None. Got {workers}.')
    draw, indices = partial(_draw, seed, size), range(start, start + count)
    return map(draw, indices) if min(workers, count) <= 1 else _in_processes(draw, indices, workers)


def _in_processes(draw: partial, indices: range, workers: int) -> Iterator[AnnotatedFace]:
    """Faces in order; only a few are drawn ahead of the consumer, so memory stays small."""
    with ProcessPoolExecutor(workers, initializer=cv2.setNumThreads, initargs=(0,)) as pool:
        ahead = _DRAWN_AHEAD * workers
        pending = deque(pool.submit(draw, index) for index in indices[:ahead])
        for index in indices[ahead:]:
            yield pending.popleft().result()
            pending.append(pool.submit(draw, index))
        while pending:
            yield pending.popleft().result()


def _draw(seed: int, size: int, index: int) -> AnnotatedFace:
    return generate_face(seed, index, size)


def render_face(parameters: FaceParameters, rng: np.random.Generator, name: str, size: int) -> AnnotatedFace:
    """Draw one face from its parameters; ``rng`` gives textures, background, jitter of the box and noise."""
    identity, pose = parameters.identity, parameters.pose
    head, front = build_head(identity, parameters.expression), front_curves(identity, parameters.expression)
    unit = unit_view(pose)
    curves = project_curves(head, front, unit)
    box = _detector_box(curves, rng)
    view = fit_view(unit, box, pose, size)
    curves = {name: view.scale * curve + view.offset for name, curve in curves.items()}
    box = tuple((view.scale * np.array(box) + view.offset * 2).tolist())
    fine_size = round(_OVERSAMPLING * size)
    fine = view.magnified(fine_size / size)
    meshes = [mesh for mesh in (head_mesh(head, identity, fine), curtain_mesh(identity, fine)) if mesh is not None]
    seen, hit = rasterize(meshes, fine_size, fine_size)
    drawing = paint_face(parameters, front, _DRAWING_DETAIL * fine.scale, rng)
    planes = np.zeros((4, fine_size * fine_size), np.float32)
    planes[:3, hit], planes[3, hit] = light_pixels(meshes, seen, drawing, parameters, rng), 1.0
    drawn = _composite(cv2.merge(list(planes.reshape(4, fine_size, fine_size))), draw_background(size, rng))
    draw_occluder(Scene(drawn, curves, view.scale, parameters), rng)
    image = expose(drawn, parameters.camera, rng)
    return AnnotatedFace(name, image, read_landmarks(curves), box, parameters.tags, parameters.domain)


def _composite(head: NDArray[np.float32], background: NDArray[np.float32]) -> NDArray[np.float32]:
    """Average the oversampled head, (F, F, 4) with cover 0 or 1 last, and lay it over the (H, W, 3) background."""
    head = np.asarray(cv2.resize(head, background.shape[1::-1], interpolation=cv2.INTER_AREA), np.float32)
    return head[..., :3] + (1.0 - head[..., 3:]) * background


def _detector_box(curves: dict[str, NDArray[np.float64]], rng: np.random.Generator) -> Box:
    """A nearly square box about the face as a detector gives it: reaching above the brows, a few percent off."""
    points = np.concatenate(list(curves.values()))
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    y1 -= 0.10 * (y2 - y1)
    side = max(x2 - x1, y2 - y1) * rng.uniform(0.98, 1.06)
    near_square = np.array((1.0, rng.uniform(1.0, 1.06))) * side
    centre = np.array((0.5 * (x1 + x2), 0.5 * (y1 + y2))) + rng.uniform(-0.02, 0.02, 2) * side
    return *(centre - 0.5 * near_square).tolist(), *(centre + 0.5 * near_square).tolist()
