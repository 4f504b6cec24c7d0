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
from mmsepbn.experiments.schedule import RunError, default_jobs, known_records, run_tables
from mmsepbn.experiments.summary import MissingMetricError, summary_markdown
from mmsepbn.experiments.table import TableError, read_table


def main() -> None:
    """Run what is not done yet, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('table', type=Path, help='a file such as configs/ablations/routes.py')
    parser.add_argument('--base', type=Path, help="config to change instead of the table's own: other data or network")
    parser.add_argument('--out', type=Path, default=Path('work_dirs/tables'), help='folder of the runs')
    parser.add_argument('--records', type=Path, help='folder of the records of runs; default: OUT/records')
    parser.add_argument('--seeds', type=int, default=1, help='seeds 0 to N-1')
    parser.add_argument('--rows', nargs='+', default=(), metavar='ROW', help='only these rows')
    parser.add_argument('--columns', nargs='+', metavar='METRIC', help='such as wflw/NME; default: the whole set')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='changes of every row')
    parser.add_argument('--jobs', type=int, help='runs at a time; default: one on each GPU, or what the cores hold')
    parser.add_argument('--threads', type=int, default=1, help='CPU threads of a run')
    args = parser.parse_args()
    for name in ('seeds', 'jobs', 'threads'):
        value = getattr(args, name)
        if value is not None and value < 1:
            parser.error(f'--{name} must be at least 1. Got {value}.')
    os.environ['OMP_NUM_THREADS'] = str(args.threads)
    records = args.records or args.out / 'records'
    with readable_errors(TableError, RunError, MissingMetricError):
        table = read_table(args.table, args.base, args.cfg_options, args.rows)
        jobs = args.jobs or default_jobs(args.threads)
        run_tables([table], args.seeds, args.out, records, jobs, args.threads, report=_to_stderr)
        done = known_records(table, args.out, records, args.seeds)
        print(summary_markdown(table.title, done, table.part, args.columns))


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == '__main__':
    main()
