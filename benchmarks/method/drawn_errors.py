#!/usr/bin/env python
"""Draw landmarks of test faces, true and predicted and without the images, to show what an NME looks like.

  tools/test.py CONFIG CHECKPOINT --dump predictions.npz
  benchmarks/method/drawn_errors.py predictions.npz --protocol 300w --out docs/images/errors_300w.png

One face each where 5, 50, 90 and 99 % of all faces have a lower error, and the one that is nearest to the mean.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mmsepbn.cli.errors import readable_errors
from mmsepbn.evaluation.functional import normalized_mean_error
from mmsepbn.evaluation.predictions import FacePrediction, read_predictions
from mmsepbn.protocols import Protocol, get_protocol

_PERCENTILES = (5, 50, 90, 99)
_PANEL = 2.6  # inches
_TRUTH, _PREDICTION = 'tab:gray', 'tab:red'


def main() -> None:
    """Read predictions and write the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('predictions', type=Path)
    parser.add_argument('--protocol', required=True)
    parser.add_argument('--out', type=Path, required=True)
    args = parser.parse_args()
    with readable_errors(ValueError, OSError):
        protocol = get_protocol(args.protocol)
        figure = drawn_errors(read_predictions(args.predictions), protocol)
        args.out.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(args.out, dpi=100, metadata={'Software': None})


def drawn_errors(faces: Sequence[FacePrediction], protocol: Protocol) -> Figure:
    """A panel for each chosen face: its annotated landmarks as grey curves, predictions of them as red points.

    Raises:
        ValueError: there is no face, faces have another number of landmarks, or the error of one is not defined, as its
            eye corners are not annotated.
    """
    predicted, truth, annotated = (
        np.array([getattr(face, name) for face in faces]) for name in ('predicted', 'truth', 'annotated')
    )
    if truth.shape[1:] != (protocol.num_landmarks, 2):
        raise ValueError(f'faces must have {protocol.num_landmarks} landmarks. Got an array of shape {truth.shape}.')
    shown_truth, shown = (np.where(annotated[..., None] > 0, points, np.nan) for points in (truth, predicted))
    boxes = np.concatenate((np.nanmin(shown_truth, axis=1), np.nanmax(shown_truth, axis=1)), axis=1)
    for given, box in zip(faces, boxes, strict=True):
        if problem := protocol.normalizer_problem(given.truth, given.annotated, box):
            raise ValueError(f'{given.image}: {problem}')
    errors = normalized_mean_error(predicted, truth, protocol.normalizers(truth, boxes), annotated)
    chosen = chosen_faces(errors)
    figure = Figure(figsize=(_PANEL * len(chosen), 1.4 * _PANEL), layout='constrained')
    for axes, (label, face) in zip(figure.subplots(1, len(chosen)), chosen.items(), strict=True):
        _draw(axes, shown_truth[face], shown[face], protocol)
        axes.set_title(f'{100 * errors[face]:.1f} %\n{label}', fontsize=9)
    return figure


def chosen_faces(errors: NDArray[np.floating]) -> dict[str, int]:
    """What stands above a face -> its row, from the lowest error to the highest."""
    targets = {f'{percent} % are lower': np.percentile(errors, percent) for percent in _PERCENTILES}
    targets['the mean of all'] = errors.mean()
    return {label: int(np.abs(errors - targets[label]).argmin()) for label in sorted(targets, key=targets.__getitem__)}


def _draw(axes: Axes, truth: NDArray[np.floating], predicted: NDArray[np.floating], protocol: Protocol) -> None:
    for part in protocol.parts:
        for link in part.links:
            axes.plot(*truth[list(link)].T, color=_TRUTH, linewidth=1)
    axes.plot(*truth.T, '.', color=_TRUTH, markersize=3)
    axes.plot(*predicted.T, '.', color=_PREDICTION, markersize=3)
    axes.set_aspect('equal')
    axes.invert_yaxis()
    axes.set_axis_off()


if __name__ == '__main__':
    main()
