"""Which routes a network uses for which faces, and how much that differs between faces."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmsepbn.analysis.observe import Observation, require_attention

Record = dict[str, str | int | float]


def attention_weights(observed: Observation) -> list[Record]:
    """A record for each layer, group of faces, route and channel group: mean weight, its deviation over faces, faces.

    A deviation of 0 over all faces means that the attention ignores its input: uniform at 1/K, or saturated at 0 and 1.

    Raises:
        ValueError: the network has no attention.
    """
    require_attention(observed.attention)
    return [
        dict(
            layer=layer,
            faces=name,
            count=int(mask.sum()),
            route=route,
            group=group,
            mean=float(weights[mask, route, group].mean()),
            deviation=float(weights[mask, route, group].std()),
        )
        for layer, weights in observed.attention.items()
        for name, mask in observed.groups().items()
        for route in range(weights.shape[1])
        for group in range(weights.shape[2])
    ]


def variance_explained(weights: NDArray[np.floating], labels: Sequence[str] | NDArray[np.bool_]) -> float:
    """Share of the weights' variance over faces that lies between groups of faces, 0 to 1; 0 for constant weights.

    Args:
        weights: (N, K, G).
        labels: group of each of the N faces, such as its head pose or whether it is in a subset.
    """
    names, group = np.unique(np.asarray(labels), return_inverse=True)
    means = np.stack([weights[group == index].mean(axis=0, dtype=np.float64) for index in range(len(names))])
    total = weights.var(axis=0, dtype=np.float64).sum()
    # Constant float32 weights have a variance of about 1e-16 by rounding.
    return float(means[group].var(axis=0).sum() / total) if total > 1e-12 else 0.0


def plot_attention(observed: Observation, path: str | Path, title: str) -> None:
    """Write a PNG: for each layer the mean weights (route and channel group) of all faces, of each domain and subset.

    The first row shows means over all faces; the others how far a group of faces deviates from them.
    """
    groups = observed.groups()
    layers = list(observed.attention)
    columns = min(len(layers), 3)
    lines = -(-len(layers) // columns)
    height = 0.22 * len(groups) + 1.1
    figure = Figure(figsize=(4.6 * columns, height * lines + 0.6), layout='constrained')
    grid = figure.subplots(lines, columns, squeeze=False)
    tables = {}
    for layer, weights in observed.attention.items():
        means = np.array([weights[mask].mean(axis=0).ravel() for mask in groups.values()])
        tables[layer] = np.vstack([means[:1], means[1:] - means[:1]])
    limit = max(float(abs(table[1:]).max()) for table in tables.values()) or 1.0
    for axes, (layer, table) in zip(grid.flat, tables.items(), strict=False):
        _, num_routes, num_groups = observed.attention[layer].shape
        image = axes.imshow(table[1:], cmap='RdBu_r', vmin=-limit, vmax=limit, aspect='auto')
        spread = observed.attention[layer].std(axis=0).mean()
        axes.set_title(f'{layer}: deviation over faces {spread:.3f}', fontsize=8)
        axes.set_yticks(range(len(groups) - 1), [f'{n} ({m.sum()})' for n, m in list(groups.items())[1:]], fontsize=7)
        ticks = [f'{value:.2f}' for value in table[0]]
        axes.set_xticks(range(num_routes * num_groups), ticks, fontsize=5, rotation=90)
        for route in range(1, num_routes):
            axes.axvline(route * num_groups - 0.5, color='k', linewidth=0.8)
    for axes in grid.flat[len(layers) :]:
        axes.axis('off')
    figure.colorbar(image, ax=grid, shrink=0.7, label='departure from the mean over all faces')
    figure.supxlabel('mean weight over all faces; columns: channel groups within routes (black lines)', fontsize=8)
    figure.suptitle(title, fontsize=9)
    figure.savefig(path, dpi=150)
