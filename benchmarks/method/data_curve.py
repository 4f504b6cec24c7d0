"""The error against the number of training faces, drawn from the records of a table."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

OF_FACES = re.compile(r'(\d+) faces, (.+)')  # a row's name
# Way of training -> faces and their errors, one for each seed.
Curves = dict[str, dict[int, list[float]]]


def curves(errors: Mapping[str, Sequence[float]]) -> Curves:
    """Rows named ``200 faces, alone`` as curves; others, and those without errors, are left out."""
    found: Curves = {}
    for row, values in errors.items():
        if values and (name := OF_FACES.fullmatch(row)):
            found.setdefault(name[2], {})[int(name[1])] = list(values)
    return found


def draw(found: Curves, path: Path) -> None:
    """Write a PNG: a line through the means of each way, a bar for the standard deviation over seeds."""
    figure = Figure(figsize=(6, 4), layout='constrained')
    axes = figure.subplots()
    for way, points in found.items():
        faces = sorted(points)
        means = [np.mean(points[count]) for count in faces]
        spreads = [np.std(points[count], ddof=1) if len(points[count]) > 1 else 0.0 for count in faces]
        axes.errorbar(faces, means, yerr=spreads, marker='o', capsize=3, label=way)
    ticks = sorted({count for points in found.values() for count in points})
    axes.set_xscale('log')
    axes.set_xticks(ticks, [str(count) for count in ticks])
    axes.minorticks_off()
    axes.set_xlabel('training faces with 68 landmarks')
    axes.set_ylabel('NME on 300W common, %')
    axes.grid(alpha=0.3)
    axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150, metadata={'Software': None})
