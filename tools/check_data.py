#!/usr/bin/env python
"""Say what the data sets of a config hold, against the official counts, before training on them for a day.

python tools/check_data.py configs/cnt_sepbn_vanilla.py --pictures --sheet faces.png
"""

import argparse
from contextlib import suppress
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import DATASETS, init_default_scope

from mmsepbn.analysis.sample_sheet import sample_row
from mmsepbn.apis.picture_file import picture_file, write_picture
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.check import check_dataset, dataset_configs, part_of, source_of, wider_face_counts
from mmsepbn.datasets.check_pictures import picture_problems
from mmsepbn.listing import shortened
from mmsepbn.sheet import stacked


def main() -> None:
    """Print a line for each data set; exit status 1 where something cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('--pictures', action='store_true', help='read every picture too; minutes for the five sets')
    parser.add_argument('--sheet', type=picture_file, help='draw faces of each set as the network gets them')
    args = parser.parse_args()
    cfg = Config.fromfile(args.config)
    init_default_scope(cfg.default_scope)
    sound, rows = [], []
    for name, training, dataset in dataset_configs(cfg):
        good, line = check_dataset(name, training, dataset)
        sound.append(good)
        print(f'{line} [{source_of(dataset)}]', flush=True)
        built = DATASETS.build(dict(dataset)) if good and (args.pictures or args.sheet) else None
        if built and args.pictures and (problems := picture_problems(built)):
            sound.append(False)
            print(f'  ERROR pictures that cannot be used: {len(problems)}\n  {shortened(problems)}', flush=True)
        if built and args.sheet:
            rows.append(sample_row(part_of(name, training), built))
        labels = Path(dataset.get('data_root') or '', dataset.get('ann_file') or '')
        if dataset['type'].endswith('WiderFaceDataset') and labels.suffix == '.txt' and labels.is_file():
            with suppress(AnnotationError):  # the line above has it
                print(wider_face_counts(labels, dataset.get('min_size', 80)), flush=True)
    if rows:
        write_picture(args.sheet, stacked(rows))
    if not all(sound):
        raise SystemExit(1)


if __name__ == '__main__':
    main()
