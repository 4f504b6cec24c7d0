#!/usr/bin/env python
"""Compare tested runs: a table, a CED plot and pictures of predictions.

Each run is NAME=FOLDER, where test.py wrote FOLDER/per_face.csv and FOLDER/predictions.pkl. The mean face of the
config's training set is shown as the floor that a network has to beat.
"""

import argparse
from pathlib import Path

import mmengine
import numpy as np
from mmengine.config import Config
from mmengine.registry import DATASETS, init_default_scope

from mmsepbn.analysis.ced_plot import plot_ced
from mmsepbn.analysis.comparison_table import comparison_table
from mmsepbn.analysis.mean_face import mean_face_results
from mmsepbn.analysis.prediction_sheet import prediction_sheet
from mmsepbn.apis.picture_file import write_picture
from mmsepbn.apis.run_config import readable_errors
from mmsepbn.evaluation.per_face import read_csv, summarize


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config whose training and test set the runs used')
    parser.add_argument('runs', nargs='+', metavar='NAME=FOLDER', help='tested runs')
    parser.add_argument('--out', type=Path, required=True, help='folder for results.md, ced.png and predictions.png')
    parser.add_argument('--title', default='', help='what the results were measured on')
    return parser.parse_args()


def main() -> None:
    """Write the three files and print the table."""
    args = parse_args()
    folders = {name: Path(folder) for name, _, folder in (run.partition('=') for run in args.runs)}
    cfg = Config.fromfile(args.config)
    init_default_scope(cfg.default_scope)
    train_set = DATASETS.build(cfg.train_dataloader.dataset)
    test_set = DATASETS.build(cfg.test_dataloader.dataset)

    results = {name: read_csv(folder / 'per_face.csv') for name, folder in folders.items()}
    pictures = {name: (results[name], mmengine.load(folder / 'predictions.pkl')) for name, folder in folders.items()}
    results = {'mean face': mean_face_results(train_set, test_set), **results}

    args.out.mkdir(parents=True, exist_ok=True)
    table = comparison_table({name: summarize(faces) for name, faces in results.items()})
    (args.out / 'results.md').write_text(f'{args.title}\n\n{table}\n')
    plot_ced({n: np.array([f.nme for f in faces]) for n, faces in results.items()}, args.out / 'ced.png', args.title)
    write_picture(args.out / 'predictions.png', prediction_sheet(pictures))
    print(f'{args.title}\n\n{table}\n\nwritten: {args.out}/results.md, ced.png, predictions.png')


if __name__ == '__main__':
    with readable_errors():
        main()
