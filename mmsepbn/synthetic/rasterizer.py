"""Finds which mesh place every pixel shows: dense, depth-sorted samples of each quad, then an exact fit per pixel."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmsepbn.synthetic.mesh import Mesh

_SAMPLES_PER_PIXEL = 1.2
_STEPS = np.array((2, 3, 4, 6, 8, 12, 20, 36, 64, 96), np.int32)
_LOCAL_BITS = 14


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
        a, b = (grid.ravel() for grid in _sample_places(int(kind) // 128, int(kind) % 128))
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
    a = ((local % columns[quad] + 0.5) / columns[quad]).astype(np.float32)[:, None]
    b = ((local // columns[quad] + 0.5) / rows[quad]).astype(np.float32)[:, None]
    across, down, twist = across[quad], down[quad], twist[quad]
    pixels = np.stack((hit % width, hit // width), axis=1).astype(np.float32)
    miss = pixels - (start[quad] + a * across + b * (down + a * twist))
    fit = _solve(across + b * twist, down + a * twist, miss)
    return places[quad] + np.clip(np.concatenate((a, b), axis=1) + fit, 0.0, 1.0), hit


def _visible_quads(meshes: Sequence[Mesh], height: int, width: int) -> tuple[NDArray, NDArray]:
    """Corners (Q, 4, 3) and top-left places (Q, 2) of quads that face the viewer inside the image, far ones first."""
    all_corners, all_places, first_row = [], [], 0
    for mesh in meshes:
        grid = mesh.image
        tl, tr, bl, br = grid[:-1, :-1], grid[:-1, 1:], grid[1:, :-1], grid[1:, 1:]
        one, other = br[..., :2] - tl[..., :2], bl[..., :2] - tr[..., :2]
        facing = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0] > 0
        row, column = np.nonzero(facing | mesh.two_sided)
        corners = np.stack([corner[row, column] for corner in (tl, tr, bl, br)], axis=1)
        x, y = corners[..., 0], corners[..., 1]
        beside = (x < 0).all(1) | (x >= width).all(1) | (y < 0).all(1) | (y >= height).all(1)
        all_corners.append(corners[~beside])
        all_places.append(np.stack((column, row + first_row), axis=1)[~beside])
        first_row += len(grid)
    corners, places = np.concatenate(all_corners), np.concatenate(all_places)
    order = np.argsort(corners[..., 2].sum(axis=1), kind='stable')
    return corners[order], places[order].astype(np.float32)


def _sample_places(columns: int, rows: int) -> list[NDArray[np.float32]]:
    """Places 0 to 1 across and down of the samples of one quad, row by row: two (rows, columns) arrays."""
    middles = ((np.arange(n, dtype=np.float32) + 0.5) / n for n in (columns, rows))
    return np.meshgrid(*(m.astype(np.float32) for m in middles))


def _length(vectors: NDArray) -> NDArray:
    return np.hypot(vectors[:, 0], vectors[:, 1])


def _samples(lengths: NDArray) -> NDArray[np.int32]:
    """How many samples (Q,) cover edges of these lengths in pixels."""
    step = np.searchsorted(_STEPS, np.ceil(lengths * _SAMPLES_PER_PIXEL))
    return _STEPS[np.minimum(step, len(_STEPS) - 1)]


def _solve(one: NDArray, other: NDArray, target: NDArray) -> NDArray:
    """Coefficients (n, 2) of ``target`` in the bases ``one``, ``other`` (n, 2); 0 where these are parallel."""
    determinant = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    scale = np.where(np.abs(determinant) > 1e-3, 1.0 / np.where(np.abs(determinant) > 1e-3, determinant, 1.0), 0.0)
    first = (target[:, 0] * other[:, 1] - target[:, 1] * other[:, 0]) * scale
    return np.stack((first, (one[:, 0] * target[:, 1] - one[:, 1] * target[:, 0]) * scale), axis=1)
