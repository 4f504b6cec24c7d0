#!/usr/bin/env python
"""Compare tested runs: a table, a CED plot and images of predictions of each test set.

Each run is NAME=FOLDER, where test.py wrote FOLDER/per_face.csv and FOLDER/predictions.npz (--per-face and --dump;
MMPose's predictions.pkl is read too). All must hold the faces of the config's test set. The mean face of its training
set is shown as the floor that a network has to beat. With --expected the exit status is 1 where a result lies outside
of its range.

  python tools/report.py configs/sepbn_vanilla_wflw.py --out report BN=work_dirs/bn SepBN=work_dirs/sepbn
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    import numpy as np
    from mmengine.registry import DATASETS

    from mmsepbn.cli.needed_loader import needed_loader
    from mmsepbn.cli.options import add_cfg_options, config_of
    from mmsepbn.evaluation.comparison_table import comparison_table
    from mmsepbn.evaluation.expected_results import out_of_range, read_ranges
    from mmsepbn.evaluation.face_result import FaceResult
    from mmsepbn.evaluation.mean_face import mean_face_results
    from mmsepbn.evaluation.per_face import summarize
    from mmsepbn.evaluation.tested_run import RunFaces, read_run
    from mmsepbn.visualization.ced_plot import plot_ced
    from mmsepbn.visualization.prediction_sheet import prediction_sheet
    from mmsepbn.write_image import write_image

MEAN_FACE = 'mean face'


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config whose training and test set the runs used')
    parser.add_argument('runs', nargs='+', metavar='NAME=FOLDER', help='tested runs')
    parser.add_argument('--out', type=Path, required=True, help='folder for results.md, ced.png and predictions.png')
    parser.add_argument('--title', default='', help='a line on the faces the results were measured on')
    parser.add_argument('--expected', type=Path, help='JSON file, metric -> run -> [lowest, highest]')
    add_cfg_options(parser)
    args = parser.parse_args()
    args.folders = {name: Path(folder) for name, _, folder in (run.partition('=') for run in args.runs) if folder}
    if unnamed := [run for run in args.runs if '=' not in run]:
        parser.error(f'every run must be NAME=FOLDER. {", ".join(map(repr, unnamed))} has no NAME=.')
    if len(args.folders) < len(args.runs) or {'', MEAN_FACE} & set(args.folders):
        parser.error(f'every run must be NAME=FOLDER of another name, none {MEAN_FACE!r}. Got {args.runs}.')
    return args


def report_set(
    dataset: str, runs: Mapping[str, RunFaces], floor: Sequence[FaceResult], out: Path, suffix: str, title: str
) -> str:
    """Write the plot and the sheet of one test set; returns its table."""
    own = {name: run.of_set(dataset) for name, run in runs.items()}
    results = {MEAN_FACE: [face for face in floor if face.dataset == dataset]}
    results |= {name: run.results for name, run in own.items()}
    plot_ced({n: np.array([f.nme for f in faces]) for n, faces in results.items()}, out / f'ced{suffix}.png', title)
    sheet = prediction_sheet({name: (run.results, run.predictions) for name, run in own.items()})
    write_image(out / f'predictions{suffix}.png', sheet)
    return comparison_table({name: summarize(faces) for name, faces in results.items()})


def main() -> None:
    """Write the files and print the tables."""
    args = parse_args()
    expected = read_ranges(args.expected) if args.expected else {}
    cfg = config_of(args.config, args.cfg_options)
    loaders = (needed_loader(cfg, f'{split}_dataloader') for split in ('train', 'test'))
    floor = mean_face_results(*(DATASETS.build(loader.dataset) for loader in loaders))
    runs = {name: read_run(name, folder, floor) for name, folder in args.folders.items()}
    runs = {f'{name} (oracle)' if run.oracle else name: run for name, run in runs.items()}
    args.out.mkdir(parents=True, exist_ok=True)
    sets = list(dict.fromkeys(face.dataset for face in floor))
    tables = []
    for dataset in sets:
        suffix, title = (f'_{dataset}', f'{args.title} {dataset}'.strip()) if len(sets) > 1 else ('', args.title)
        tables.append(report_set(dataset, runs, floor, args.out, suffix, title))
    text = '\n\n'.join([args.title, *tables]).lstrip('\n')
    (args.out / 'results.md').write_text(text + '\n', encoding='utf-8')
    print(f'{text}\n\nwritten: {args.out}/results.md, and ced.png and predictions.png of {", ".join(sets)}')
    rows = {MEAN_FACE: summarize(floor)} | {name: summarize(run.results) for name, run in runs.items()}
    if wrong := out_of_range(rows, expected):
        raise SystemExit('\n'.join(f'error: {each}' for each in wrong))


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS):
        main()
