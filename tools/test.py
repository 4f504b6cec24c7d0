#!/usr/bin/env python
"""Test a checkpoint.

python tools/test.py configs/sepbn_vanilla_wflw.py work_dirs/sepbn_vanilla_wflw/epoch_500.pth --out rows.json
"""

import argparse

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    import mmengine
    from mmengine.dist import is_main_process

    from mmsepbn.cli.output_file import output_file, output_folder
    from mmsepbn.cli.run_config import add_common_options, build_runner, leave_process_group, testing_config


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file, or a name of docs/zoo.md')
    parser.add_argument(
        '--out', type=output_file('.json', '.yaml', '.yml'), help='JSON file for all rows of the results'
    )
    parser.add_argument('--per-face', type=output_file('.csv'), help='CSV file for the error of every face')
    parser.add_argument(
        '--dump', type=output_file('.npz', '.pkl', '.pickle'), help="file for predictions: .npz, or MMPose's .pkl"
    )
    parser.add_argument(
        '--show-dir', type=output_folder, help='folder in the work-dir for an image of every predicted face'
    )
    add_common_options(parser)
    return parser.parse_args()


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS):
        args = parse_args()
        rows = build_runner(testing_config(args)).test()
        if args.out and is_main_process():
            mmengine.dump(rows, args.out, indent=2)
        leave_process_group()
