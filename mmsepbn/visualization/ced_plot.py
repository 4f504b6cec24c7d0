"""Plot of cumulative error distributions."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmsepbn.evaluation.functional import area_under_ced, cumulative_error

_LIMIT = 0.2  # largest error that is drawn, a fraction


def plot_ced(errors: Mapping[str, NDArray[np.floating]], path: str | Path, title: str) -> None:
    """Write a PNG with one CED curve for each entry of ``errors``: name -> (N,) fractions, drawn up to 0.2."""
    figure = Figure(figsize=(6, 4.6), layout='constrained')
    axes = figure.subplots()
    thresholds = np.linspace(0, _LIMIT, 401)
    for name, values in errors.items():
        label = f'{name}: NME {100 * np.mean(values):.2f} %, AUC@0.10 {area_under_ced(values):.3f}'
        axes.plot(100 * thresholds, 100 * cumulative_error(values, thresholds), label=label)
    axes.axvline(10, color='0.6', linestyle=':', linewidth=1)
    axes.set(xlim=(0, 100 * _LIMIT), ylim=(0, 100))
    axes.set_xlabel('normalized mean error of a face, %')
    axes.set_ylabel('faces with at most this error, %')
    axes.grid(alpha=0.3)
    # Both stand outside of the axes: curves leave no certain place inside, and the figure is wider than they are.
    figure.suptitle(title, fontsize=9, wrap=True)
    figure.legend(loc='outside lower center', fontsize=8)
    figure.savefig(path, dpi=150)
