#!/usr/bin/env python
"""Run a table: its rows over seeds, each trained and tested once, and print it.

The tables of the paper's ablations lie in configs/ablations. Finished runs are kept and shared between tables, so the
command goes on where it was stopped. Examples:

  tools/run_table.py configs/ablations/routes.py
  tools/run_table.py configs/ablations/routes.py --base configs/demo/sepbn_vanilla_wflw.py --seeds 3
"""

import argparse
import os
import sys
from pathlib import Path

from mmengine.config import DictAction

from mmsepbn.apis.run_config import readable_errors
from mmsepbn.experiments.run import RunError, run_row
from mmsepbn.experiments.summary import summary_markdown
from mmsepbn.experiments.table import TableError, read_table


def main() -> None:
    """Run what is not done yet; print the table after each row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('table', type=Path, help='a file such as configs/ablations/routes.py')
    parser.add_argument('--base', type=Path, help="config to change instead of the table's own: other data or network")
    parser.add_argument('--out', type=Path, default=Path('work_dirs/tables'), help='folder of the runs')
    parser.add_argument('--seeds', type=int, default=1, help='seeds 0 to N-1')
    parser.add_argument('--rows', nargs='+', default=(), metavar='ROW', help='only these rows')
    parser.add_argument('--columns', nargs='+', metavar='METRIC', help='such as wflw/NME; default: the whole set')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='changes of every row')
    parser.add_argument('--threads', type=int, help='CPU threads of a run')
    args = parser.parse_args()
    if args.seeds < 1:
        parser.error(f'--seeds must be at least 1. Got {args.seeds}.')
    if args.threads:
        os.environ['OMP_NUM_THREADS'] = str(args.threads)
    with readable_errors(TableError, RunError, ValueError):
        table = read_table(args.table, args.base, args.cfg_options, args.rows)
        records: dict[str, list] = {}
        for row in table.rows:
            for seed in range(args.seeds):
                print(f'{row.name}, seed {seed} ...', file=sys.stderr, flush=True)
                records.setdefault(row.name, []).append(run_row(row, seed, args.out, args.threads))
            print(summary_markdown(table.title, records, args.columns), flush=True)


if __name__ == '__main__':
    main()
