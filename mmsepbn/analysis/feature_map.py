"""Features of faces in two dimensions, coloured by head pose (paper Fig. 3)."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

_COLORS = dict(frontal='tab:blue', left='tab:orange', right='tab:green', unknown='0.6')
_COMPONENTS = 50


def embed(features: NDArray[np.floating]) -> NDArray[np.float64]:
    """t-SNE of (N, D) features after a PCA to at most 50 dimensions -> (N, 2).

    Raises:
        ValueError: fewer than 5 faces.
        ImportError: scikit-learn is not installed; explains how to install it.
    """
    if len(features) < 5:
        raise ValueError(f'embed(features=) needs at least 5 faces. Got {len(features)}.')
    try:
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE
    except ImportError:
        raise ImportError('t-SNE needs scikit-learn: pip install "mmsepbn[analysis]"') from None
    reduced = PCA(min(_COMPONENTS, *features.shape), random_state=0).fit_transform(features)
    perplexity = min(30.0, (len(features) - 1) / 3)
    return TSNE(2, perplexity=perplexity, init='pca', random_state=0).fit_transform(reduced)


def plot_embedding(points: NDArray[np.floating], domains: list[str], path: str | Path, title: str) -> None:
    """Write a PNG with a dot for each face."""
    figure = Figure(figsize=(5, 4.5), layout='constrained')
    axes = figure.subplots()
    for domain, color in _COLORS.items():
        chosen = np.array([d == domain for d in domains])
        if chosen.any():
            axes.scatter(*points[chosen].T, s=8, color=color, label=f'{domain} ({chosen.sum()})')
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=9)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=150)
