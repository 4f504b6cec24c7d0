"""How alike the routes of a layer are (paper Eq. 2, Fig. 4)."""

from itertools import combinations
from pathlib import Path

import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from mmsepbn.analysis.routes import RouteValues

_COLORS = dict(mean='tab:gray', var='tab:olive', scale='tab:blue', shift='tab:red')


def mean_pairwise_cosine(rows: Tensor) -> float:
    """Mean cosine similarity of all pairs of rows, (K, C) -> -1..1 (Eq. 2). Raises ValueError for fewer than two."""
    if len(rows) < 2:
        raise ValueError(f'mean_pairwise_cosine(rows=) needs at least two rows. Got {len(rows)}.')
    pairs = [F.cosine_similarity(rows[i], rows[j], dim=0) for i, j in combinations(range(len(rows)), 2)]
    return float(sum(pairs) / len(pairs))


def route_similarity(values: RouteValues) -> list[dict[str, str | float]]:
    """A record for each layer: its name and the similarity of each quantity."""
    return [
        {'layer': layer, **{quantity: mean_pairwise_cosine(rows) for quantity, rows in own.items()}}
        for layer, own in values.items()
    ]


def plot_similarity(records: list[dict[str, str | float]], path: str | Path, title: str) -> None:
    """Write a PNG with a line for each quantity over the layers."""
    figure = Figure(figsize=(max(5, 0.4 * len(records) + 2), 3.5), layout='constrained')
    axes = figure.subplots()
    places = range(1, len(records) + 1)
    for quantity in [key for key in records[0] if key != 'layer']:
        axes.plot(places, [record[quantity] for record in records], 'o-', label=quantity, color=_COLORS[quantity])
    axes.axhline(0, color='0.7', linewidth=1)
    axes.set(xticks=places, ylim=(-1.05, 1.05), xlabel='layer', ylabel='mean cosine similarity of the routes')
    axes.set_title(title, fontsize=9)
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc='lower left')
    figure.savefig(path, dpi=150)
