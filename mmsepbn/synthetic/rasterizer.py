"""Finds which mesh place every pixel shows: dense, depth-sorted samples of each quad, then an exact fit per pixel."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.mesh import Mesh

_SAMPLES_PER_PIXEL = 1.2
_STEPS = np.array((2, 3, 4, 6, 8, 12, 20, 36, 64, 96), np.int32)
_LOCAL_BITS = 14

Pair = tuple[NDArray, NDArray]


def rasterize(meshes: Sequence[Mesh], height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Mesh places seen by an image whose vertices are already in its pixels.

    Returns:
        (n, 2) column and row in the meshes' grids stacked top to bottom, and the (n,) flat indices of the pixels hit.
    """
    corners, places = _visible_quads(meshes, height, width)
    start = corners[:, 0, :2]
    across, down = corners[:, 1, :2] - start, corners[:, 2, :2] - start
    twist = corners[:, 3, :2] - start - across - down
    columns = _samples(np.maximum(_length(across), _length(across + twist)))
    rows = _samples(np.maximum(_length(down), _length(down + twist)))
    nearest = np.full(height * width, -1, np.int64)
    # Quads with equally many samples are sampled together, without gathering corners for each sample.
    kinds = columns.astype(np.int64) * 128 + rows
    for kind in np.unique(kinds):
        quads = np.flatnonzero(kinds == kind)
        a, b = _sample_places(int(kind) // 128, int(kind) % 128)
        x, y = (
            np.rint(s[quads, None] + a * e[quads, None] + b * (d[quads, None] + a * t[quads, None])).astype(np.int32)
            for s, e, d, t in zip(start.T, across.T, down.T, twist.T, strict=True)
        )
        # Quads are sorted from far to near, so the largest code is the nearest sample.
        codes = (quads[:, None] << _LOCAL_BITS) + np.arange(len(a))
        inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        np.maximum.at(nearest, (y * width + x)[inside].astype(np.intp), codes[inside])
    hit = np.flatnonzero(nearest >= 0)
    quad, local = nearest[hit] >> _LOCAL_BITS, nearest[hit] & ((1 << _LOCAL_BITS) - 1)
    a = ((local % columns[quad] + 0.5) / columns[quad]).astype(np.float32)
    b = ((local // columns[quad] + 0.5) / rows[quad]).astype(np.float32)
    # Component by component: numpy is slow where the last axis has two elements.
    x, y, across_x, across_y, down_x, down_y, twist_x, twist_y, column, row = np.concatenate(
        (start.T, across.T, down.T, twist.T, places.T)
    )[:, quad]
    miss_x = (hit % width).astype(np.float32) - (x + a * across_x + b * (down_x + a * twist_x))
    miss_y = (hit // width).astype(np.float32) - (y + a * across_y + b * (down_y + a * twist_y))
    one, other = (across_x + b * twist_x, across_y + b * twist_y), (down_x + a * twist_x, down_y + a * twist_y)
    first, second = _solve(one, other, (miss_x, miss_y))
    seen = np.stack((column + np.clip(a + first, 0.0, 1.0), row + np.clip(b + second, 0.0, 1.0)), axis=1)
    return seen, hit


def _visible_quads(meshes: Sequence[Mesh], height: int, width: int) -> tuple[NDArray, NDArray]:
    """Corners (Q, 4, 3) and top-left places (Q, 2) of quads that face the viewer inside the image, far ones first."""
    all_corners, all_places, first_row = [], [], 0
    for mesh in meshes:
        grid = mesh.image
        tl, tr, bl, br = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
        one, other = br[..., :2] - tl[..., :2], bl[..., :2] - tr[..., :2]
        facing = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0] > 0
        x, y = grid[..., 0], grid[..., 1]
        beside = _all_corners(x < 0) | _all_corners(x >= width) | _all_corners(y < 0) | _all_corners(y >= height)
        row, column = np.nonzero((facing | mesh.two_sided) & ~beside)
        all_corners.append(np.stack([corner[row, column] for corner in (tl, tr, bl, br)], axis=1))
        all_places.append(np.stack((column, row + first_row), axis=1))
        first_row += len(grid)
    corners, places = np.concatenate(all_corners), np.concatenate(all_places)
    order = np.argsort(corners[..., 2].sum(axis=1), kind='stable')
    return corners[order], places[order].astype(np.float32)


def _all_corners(holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether something holds at all four corners of each quad: (R, C) vertices -> (R - 1, C - 1)."""
    return holds[:-1, :-1] & holds[:-1, 1:] & holds[1:, :-1] & holds[1:, 1:]


@cache
def _sample_places(columns: int, rows: int) -> Pair:
    """Places 0 to 1 across and down of the samples of one quad, row by row: two of (rows * columns,)."""
    middles = ((np.arange(n, dtype=np.float32) + 0.5) / n for n in (columns, rows))
    across, down = np.meshgrid(*(m.astype(np.float32) for m in middles))
    return across.ravel(), down.ravel()


def _length(vectors: NDArray) -> NDArray:
    return np.hypot(vectors[:, 0], vectors[:, 1])


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
