"""Command-line options of the tools that run tables."""

import argparse

from mmsepbn.cli.numbers import number


def add_table_options(parser: argparse.ArgumentParser, seeds: int) -> None:
    """Which runs, and how many at a time; ``seeds`` is the default of ``--seeds``."""
    count = number(int, 1)
    parser.add_argument('--seeds', type=count, default=seeds, help=f'seeds 0 to N-1 of every row; default: {seeds}')
    parser.add_argument('--rows', nargs='+', default=(), metavar='ROW', help='run only these rows')
    parser.add_argument(
        '--rerun-stale',
        action='store_true',
        help='train runs again whose settings have changed; the old files stay as NAME.stale',
    )
    parser.add_argument(
        '--jobs', type=count, help='runs at a time; default: one per GPU, or as many as the cores allow'
    )
    parser.add_argument('--threads', type=count, default=1, help='CPU threads per run; default: 1')
