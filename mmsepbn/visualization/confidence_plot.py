"""Plot of a calibrated confidence against the measured shares."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mmsepbn.fitted.calibration import Calibration

_BINS = 10


def plot_confidence(
    calibration: Calibration,
    disagreements: NDArray[np.floating],
    errors: NDArray[np.floating],
    path: str | Path,
    title: str,
) -> None:
    """Write a PNG: errors (N,) over disagreements (N,), and the share of right faces in tenths of the faces."""
    figure = Figure(figsize=(9, 4.2), layout='constrained')
    scatter, curve = figure.subplots(1, 2)
    scatter.scatter(100 * disagreements, 100 * errors, s=6, alpha=0.5)
    scatter.axhline(100 * calibration.tolerance, color='0.4', linestyle=':')
    scatter.set(xscale='log', yscale='log', ylabel='normalized mean error of a face, %')
    order = np.argsort(disagreements)
    for part in np.array_split(order, min(_BINS, len(order))):
        middle, right = float(np.median(disagreements[part])), errors[part] <= calibration.tolerance
        share = float(right.mean())
        spread = np.sqrt(share * (1 - share) / len(part))
        curve.errorbar(100 * middle, share, yerr=spread, color='C0', marker='o', capsize=2)
    along = np.geomspace(disagreements[order[0]], disagreements[order[-1]], 200)
    curve.plot(100 * along, calibration(along), color='C1', label='confidence')
    curve.set(
        xscale='log',
        ylim=(-0.03, 1.03),
        ylabel=f'share of faces with an error of at most {100 * calibration.tolerance:g} %',
    )
    curve.legend()
    for axis in (scatter.xaxis, scatter.yaxis, curve.xaxis):
        axis.set_major_formatter('{x:g}')
        axis.set_minor_formatter('{x:g}')
        axis.set_tick_params(which='minor', labelsize=7)
    for axes in (scatter, curve):
        axes.set_xlabel('disagreement of the passes, % of the box side')
        axes.grid(alpha=0.3, which='both')
    figure.suptitle(title, fontsize=10, wrap=True)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
