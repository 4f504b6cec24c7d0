#!/usr/bin/env python
"""Run tables of the method's benchmark, then render docs/results.md (results_large.md) from the records of all runs.

  benchmarks/method/run.py                every table: many hours on two CPU cores
  benchmarks/method/run.py real_whole     one table, or several
  benchmarks/method/run.py --render       the page alone, from the records that are there
  METHOD_SIZE=L benchmarks/method/run.py  at the paper's width, for a GPU

Run it from the project's root, after benchmarks/method/prepare.py. A finished run has a record in
benchmarks/method/records and is not run again; one that was stopped goes on from its last checkpoint.
"""

import argparse
import os
from pathlib import Path

from claims import CLAIMS, POOLS
from page import MeasuredTable, render_page

from mmsepbn.cli.run_config import readable_errors
from mmsepbn.cli.table_options import add_table_options
from mmsepbn.experiments.schedule import RunError, default_jobs, known_records, raise_failures, run_tables
from mmsepbn.experiments.table import TableError, read_table
from mmsepbn.processes.folder_lock import FolderInUseError

HERE = Path('benchmarks/method')
RECORDS = HERE / 'records'
OUT = Path('work_dirs/method')
PAGES = dict(S=Path('docs/results.md'), L=Path('docs/results_large.md'))


def main() -> None:
    """Run what is not done yet and render the page."""
    files = {path.stem: path for path in sorted((HERE / 'tables').glob('*.py'))}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tables', nargs='*', metavar='TABLE', help=f'of {", ".join(files)}; default: all')
    add_table_options(parser, seeds=3)
    parser.add_argument('--render', action='store_true', help='run nothing')
    args = parser.parse_args()
    size = os.environ.get('METHOD_SIZE', 'S')
    if size not in PAGES:
        parser.error(f'METHOD_SIZE must be one of {list(PAGES)}. Got {size!r}.')
    if unknown := sorted(set(args.tables) - set(files)):
        parser.error(f'there are the tables {list(files)}. Got {unknown}.')
    os.environ['OMP_NUM_THREADS'] = str(args.threads)
    with readable_errors(TableError, RunError, FolderInUseError, OSError):
        chosen = () if args.render else args.tables or files
        tables = [read_table(files[name], rows=args.rows) for name in chosen]
        jobs = args.jobs or default_jobs(args.threads)
        failures = run_tables(tables, args.seeds, OUT, RECORDS, jobs, args.threads)
        measured = {}
        for name, path in files.items():
            table = read_table(path)
            measured[name] = MeasuredTable(table, known_records(table, OUT, RECORDS))
        PAGES[size].write_text(render_page(HERE / 'results.md.jinja', measured, CLAIMS, POOLS, size))
        raise_failures(failures)


if __name__ == '__main__':
    main()
