#!/usr/bin/env python
"""Compare the data sets of a config with the official counts, before a long training.

python tools/check_data.py configs/cnt_sepbn_vanilla.py --images --sheet faces.png
"""

import argparse

from mmsepbn.cli.errors import SETTINGS_ERRORS, readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmsepbn.cli.data_check import findings
    from mmsepbn.cli.numbers import number
    from mmsepbn.cli.options import add_cfg_options
    from mmsepbn.cli.output_file import image_output
    from mmsepbn.cli.time_check import time_lines
    from mmsepbn.config_file import read_config, use_scope
    from mmsepbn.processes.forked import ForkedError
    from mmsepbn.run_settings.merge import merge_options


def main() -> None:
    """Print a line for each data set; exit status 1 where something cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file')
    parser.add_argument('--images', action='store_true', help='also read every image, which takes minutes')
    parser.add_argument('--pictures', action='store_true', dest='images', help=argparse.SUPPRESS)  # its name before
    parser.add_argument('--sheet', type=image_output, help='draw faces of each set as the network sees them')
    parser.add_argument(
        '--time', action='store_true', help='report how long loading and a training step take, and which is the limit'
    )
    parser.add_argument(
        '--timeout',
        type=number(float, 1),
        default=1800,
        help='time limit for a set, or its images, in seconds; default: 1800',
    )
    add_cfg_options(parser)
    args = parser.parse_args()
    sound = True
    with readable_errors(OSError, ForkedError):
        config = read_config(args.config)
        if args.cfg_options:  # else each set says what is wrong with its own settings
            merge_options(config, args.cfg_options)
        use_scope(config)
        for finding in findings(config, args.images, args.sheet, args.timeout):
            print(finding.line, flush=True)
            sound = sound and finding.sound
        if args.time and sound:
            with readable_errors(*SETTINGS_ERRORS):
                for line in time_lines(config):
                    print(line, flush=True)
    if not sound:
        raise SystemExit(1)


if __name__ == '__main__':
    main()
