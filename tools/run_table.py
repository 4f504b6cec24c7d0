#!/usr/bin/env python
"""Train and test each row of a table once per seed, and print the table.

The tables of the paper's ablations lie in configs/ablations. Finished runs are kept and shared between tables, so the
command continues where it was stopped. Examples:

  tools/run_table.py configs/ablations/routes.py
  tools/run_table.py configs/ablations/routes.py --base configs/demo/sepbn_vanilla_wflw.py --seeds 3
"""

import argparse
import os
from pathlib import Path

from mmsepbn.cli.errors import readable_errors
from mmsepbn.cli.imports import imports

with imports():
    from mmsepbn.cli.options import add_cfg_options
    from mmsepbn.cli.table_options import add_table_options
    from mmsepbn.experiments.comparison import comparison_lines
    from mmsepbn.experiments.known_rows import known_rows, marked
    from mmsepbn.experiments.records import Records
    from mmsepbn.experiments.run import settle_rows
    from mmsepbn.experiments.schedule import default_jobs, raise_failures, run_tables
    from mmsepbn.experiments.summary import MissingMetricError, summary_markdown
    from mmsepbn.experiments.table import read_table


def main() -> None:
    """Run what is not done yet, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('table', type=Path, help='a file such as configs/ablations/routes.py')
    parser.add_argument('--base', type=Path, help="config to change instead of the table's own: other data or network")
    parser.add_argument(
        '--out', type=Path, default=Path('work_dirs/tables'), help='folder of the runs; default: work_dirs/tables'
    )
    parser.add_argument('--records', type=Path, help='folder of the records of runs; default: OUT/records')
    parser.add_argument('--columns', nargs='+', metavar='METRIC', help='such as wflw/NME; default: the whole set')
    add_cfg_options(parser, 'changes for every row')
    add_table_options(parser, seeds=1)
    args = parser.parse_args()
    os.environ['OMP_NUM_THREADS'] = str(args.threads)
    records = Records(args.records or args.out / 'records')
    with readable_errors(OSError):
        table = read_table(args.table, args.base, args.cfg_options, args.rows)
        jobs = args.jobs or default_jobs(args.threads)
        failures = run_tables([table], args.seeds, args.out, records, jobs, args.threads, args.rerun_stale)
        rows = known_rows(settle_rows(table, 0, args.out, records), table.split, records, args.seeds)
        shown = marked(rows)
        labels = dict(zip(rows, shown, strict=True))
        pairs = [(labels[row], labels[reference]) for row, reference in table.comparisons]
        try:
            print(summary_markdown(table.title, shown, table.split, args.columns))
            lines = comparison_lines(pairs, shown, table.split, args.columns[0] if args.columns else None)
        except MissingMetricError as error:
            raise MissingMetricError('\n'.join([str(error), *failures])) from None
        if lines:
            print('\n' + '\n'.join(lines))
        raise_failures(failures)


if __name__ == '__main__':
    main()
