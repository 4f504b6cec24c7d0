#!/usr/bin/env python
"""Say what the data sets of a config hold, against the official counts, before training on them for a day.

python tools/check_data.py configs/cnt_sepbn_vanilla.py --pictures --sheet faces.png
"""

import argparse

from mmengine.registry import init_default_scope

from mmsepbn.cli.config_file import read_config
from mmsepbn.cli.data_check import findings
from mmsepbn.cli.errors import readable_errors
from mmsepbn.cli.options import add_cfg_options, merge_options
from mmsepbn.cli.picture_file import picture_file
from mmsepbn.processes.forked import ForkedError


def main() -> None:
    """Print a line for each data set; exit status 1 where something cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('--pictures', action='store_true', help='read every image too; minutes for the five sets')
    parser.add_argument('--sheet', type=picture_file, help='draw faces of each set as the network gets them')
    parser.add_argument(
        '--timeout',
        type=float,
        default=1800,
        help='seconds that a set, or its images, may take; default: 1800',
    )
    add_cfg_options(parser)
    args = parser.parse_args()
    sound = True
    with readable_errors(OSError, ForkedError):
        config = read_config(args.config)
        if args.cfg_options:  # else each set says what is wrong with its own settings
            merge_options(config, args.cfg_options)
        init_default_scope(config.get('default_scope') or 'mmengine')
        for finding in findings(config, args.pictures, args.sheet, args.timeout):
            print(finding.line, flush=True)
            sound = sound and finding.sound
    if not sound:
        raise SystemExit(1)


if __name__ == '__main__':
    main()
