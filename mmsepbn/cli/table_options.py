"""Command-line options of the tools that run tables."""

import argparse


def add_table_options(parser: argparse.ArgumentParser, seeds: int) -> None:
    """Which runs, and how many at a time; ``seeds`` is the default of ``--seeds``."""
    parser.add_argument('--seeds', type=_count, default=seeds, help=f'seeds 0 to N-1 of every row; default: {seeds}')
    parser.add_argument('--rows', nargs='+', default=(), metavar='ROW', help='run only these rows')
    parser.add_argument(
        '--rerun-stale',
        action='store_true',
        help='train runs again whose settings have changed; the old files stay as NAME.stale',
    )
    parser.add_argument(
        '--jobs', type=_count, help='runs at a time; default: one per GPU, or as many as the cores allow'
    )
    parser.add_argument('--threads', type=_count, default=1, help='CPU threads per run')


def _count(text: str) -> int:
    """A number of at least 1."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f'must be a whole number of at least 1. Got {text}.')
    return value
