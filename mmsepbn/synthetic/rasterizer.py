"""Finds which mesh place every pixel shows: dense, depth-sorted samples of each quad, then an exact fit per pixel."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.mesh import Mesh

_SAMPLES_PER_PIXEL = 1.2
_STEPS = np.array((2, 3, 4, 6, 8, 12, 20, 36, 64, 96), np.int32)
_LOCAL_BITS = 14  # of 31: room for 96 x 96 samples a quad and for 2**17 quads; the meshes have 2**15

Pair = tuple[NDArray, NDArray]


def rasterize(meshes: Sequence[Mesh], height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Mesh places seen by an image whose vertices are already in its pixels.

    Returns:
        (n, 2) column and row in the meshes' grids stacked top to bottom, and the (n,) flat indices of the pixels hit.
    """
    quads = _visible_quads(meshes, height, width)
    across, down, twist = quads[2:4], quads[4:6], quads[6:8]
    columns = _samples(np.maximum(np.hypot(*across), np.hypot(*(across + twist))))
    rows = _samples(np.maximum(np.hypot(*down), np.hypot(*(down + twist))))
    nearest = np.full(height * width, -1, np.int32)
    # Quads with equally many samples are sampled together, without gathering corners for each sample.
    kinds = columns * 128 + rows
    for kind in np.unique(kinds):
        numbers = np.flatnonzero(kinds == kind).astype(np.int32)
        # ``take``, not an index: its result is contiguous, which makes the sums below four times as fast.
        a, b = _sample_places(int(kind) // 128, int(kind) % 128)
        s, e, d, t = quads[:8].take(numbers, axis=1).reshape(4, 2, 1, -1)
        x, y = np.rint(s + a * e + b * (d + a * t)).astype(np.int32)
        # Quads are sorted from far to near, so the largest code is the nearest sample.
        codes = (numbers << _LOCAL_BITS) + np.arange(len(a), dtype=np.int32)[:, None]
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        np.maximum.at(nearest, (y * width + x)[inside].astype(np.intp), codes[inside])
    hit = np.flatnonzero(nearest >= 0)
    quad, local = nearest[hit] >> _LOCAL_BITS, nearest[hit] & ((1 << _LOCAL_BITS) - 1)
    b, a = np.divmod(local, columns[quad])
    a = ((a + 0.5) / columns[quad]).astype(np.float32)
    b = ((b + 0.5) / rows[quad]).astype(np.float32)
    x, y, across_x, across_y, down_x, down_y, twist_x, twist_y, column, row = quads.take(quad, axis=1)
    hit_y, hit_x = np.divmod(hit, width)
    miss_x = hit_x.astype(np.float32) - (x + a * across_x + b * (down_x + a * twist_x))
    miss_y = hit_y.astype(np.float32) - (y + a * across_y + b * (down_y + a * twist_y))
    one, other = (across_x + b * twist_x, across_y + b * twist_y), (down_x + a * twist_x, down_y + a * twist_y)
    first, second = _solve(one, other, (miss_x, miss_y))
    seen = np.stack((column + np.clip(a + first, 0.0, 1.0), row + np.clip(b + second, 0.0, 1.0)), axis=1)
    return seen, hit


def _visible_quads(meshes: Sequence[Mesh], height: int, width: int) -> NDArray[np.float32]:
    """Quads that face the viewer inside the image, far ones first: (10, Q).

    Rows are x and y of the top-left corner, of the ways from it across and down, of what the fourth corner adds to
    these, then column and row of the corner in the meshes' grids.
    """
    quads, depths, first_row = [], [], 0
    for mesh in meshes:
        points = np.ascontiguousarray(np.moveaxis(mesh.image, -1, 0))
        tl, tr, bl, br = _corners(points[:2])
        (one_x, one_y), (other_x, other_y) = br - tl, bl - tr
        facing = one_x * other_y - one_y * other_x > 0
        x, y, depth = points
        beside = _all_corners(x < 0) | _all_corners(x >= width) | _all_corners(y < 0) | _all_corners(y >= height)
        row, column = np.indices(facing.shape, np.float32)
        across, down = tr - tl, bl - tl
        visible = np.flatnonzero((facing | mesh.two_sided) & ~beside)
        planes = np.stack((*tl, *across, *down, *(br - tl - across - down), column, row + first_row))
        quads.append(planes.reshape(len(planes), -1).take(visible, axis=1))
        tl, tr, bl, br = _corners(depth)
        depths.append((tl + tr + bl + br).ravel()[visible])
        first_row += len(depth)
    return np.concatenate(quads, axis=1).take(np.argsort(np.concatenate(depths), kind='stable'), axis=1)


def _corners(grid: NDArray) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """What vertices (..., R, C) hold at top left, top right, bottom left and bottom right of each quad."""
    return grid[..., :-1, :-1], grid[..., :-1, 1:], grid[..., 1:, :-1], grid[..., 1:, 1:]


def _all_corners(holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether something holds at all four corners of each quad: (R, C) vertices -> (R - 1, C - 1)."""
    tl, tr, bl, br = _corners(holds)
    return tl & tr & bl & br


@cache
def _sample_places(columns: int, rows: int) -> Pair:
    """Places 0 to 1 across and down of the samples of one quad, row by row: two of (rows * columns, 1)."""
    middles = ((np.arange(n, dtype=np.float32) + 0.5) / n for n in (columns, rows))
    across, down = np.meshgrid(*(m.astype(np.float32) for m in middles))
    return across.reshape(-1, 1), down.reshape(-1, 1)


def _samples(lengths: NDArray) -> NDArray[np.int32]:
    """How many samples (Q,) cover edges of these lengths in pixels."""
    step = np.searchsorted(_STEPS, np.ceil(lengths * _SAMPLES_PER_PIXEL))
    return _STEPS[np.minimum(step, len(_STEPS) - 1)]


def _solve(one: Pair, other: Pair, target: Pair) -> Pair:
    """Coefficients of ``target`` in the bases ``one``, ``other``, all as (n,) x and y; 0 where these are parallel."""
    determinant = one[0] * other[1] - one[1] * other[0]
    regular = np.abs(determinant) > 1e-3
    scale = np.where(regular, 1.0 / np.where(regular, determinant, 1.0), 0.0)
    first = (target[0] * other[1] - target[1] * other[0]) * scale
    return first, (one[0] * target[1] - one[1] * target[0]) * scale
