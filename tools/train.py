#!/usr/bin/env python
"""Train a model of a config.

python tools/train.py configs/sepbn_vanilla_wflw.py
python tools/train.py configs/sepbn_vanilla_wflw.py --resume
"""

import argparse

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmsepbn.cli.run_config import add_common_options, build_runner, leave_process_group, training_config
    from mmsepbn.processes.held_folder import hold_run_folder


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='continue from a checkpoint; without a path, from the last one in work-dir',
    )
    parser.add_argument(
        '--amp', action='store_true', help='automatic mixed precision; in bfloat16 where there is no GPU'
    )
    parser.add_argument('--no-validate', action='store_true', help='do not evaluate during training')
    parser.add_argument('--auto-scale-lr', action='store_true', help='scale the learning rate with the batch size')
    parser.add_argument(
        '--scale-schedule',
        action='store_true',
        help='fit learning rate and temperature schedules to max_epochs; needed where a training is shorter',
    )
    add_common_options(parser)
    return parser.parse_args()


if __name__ == '__main__':
    with readable_errors(*SETTINGS_ERRORS, interrupted='Saved files are kept; --resume continues a training.'):
        cfg = training_config(parse_args())
        hold_run_folder(cfg.work_dir)
        build_runner(cfg).train()
        leave_process_group()
