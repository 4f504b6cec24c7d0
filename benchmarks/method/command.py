"""Run tables of the method's benchmark, then render docs/results.md (results_large.md) from the records of all runs.

  benchmarks/method/run.py                every table: many hours on two CPU cores
  benchmarks/method/run.py real_whole     one table, or several
  benchmarks/method/run.py --render       the page alone, from the records that are there
  METHOD_SIZE=L benchmarks/method/run.py  at the paper's width, for a GPU

Run it from the project's root, after benchmarks/method/prepare.py. A run that is in benchmarks/method/results (size L:
results_large) is not run again, unless its settings have changed and --rerun-stale is given; one that was stopped goes
on from its last checkpoint. What is new is added there. A page that would lose rows is not written.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.method.claims import CLAIMS
from benchmarks.method.data_curve import draw
from benchmarks.method.lost_rows import lost_rows
from benchmarks.method.page import MeasuredTable, curve_image, render_page
from mmsepbn.cli.errors import readable_errors
from mmsepbn.cli.table_options import add_table_options
from mmsepbn.experiments.known_rows import known_rows
from mmsepbn.experiments.record import Record
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.results import changed_results
from mmsepbn.experiments.run import Known, Run, settle_rows
from mmsepbn.experiments.schedule import default_jobs, raise_failures, run_tables
from mmsepbn.experiments.table import Table, read_table

HERE = Path('benchmarks/method')
SUFFIXES = dict(S='', L='_large')  # by METHOD_SIZE

Settled = Mapping[str, tuple[Table, Mapping[str, Sequence[Run]]]]


def table_files() -> list[Path]:
    """The benchmark's tables."""
    return sorted((HERE / 'tables').glob('*.py'))


def main() -> None:
    """Run what is not done yet and render the page."""
    files = {path.stem: path for path in table_files()}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('tables', nargs='*', metavar='TABLE', help=f'of {", ".join(files)}; default: all')
    add_table_options(parser, seeds=3)
    parser.add_argument('--render', action='store_true', help='run nothing')
    args = parser.parse_args()
    size = os.environ.get('METHOD_SIZE', 'S')
    if size not in SUFFIXES:
        parser.error(f'METHOD_SIZE must be one of {list(SUFFIXES)}. Got {size!r}.')
    if unknown := sorted(set(args.tables) - set(files)):
        parser.error(f'there are the tables {list(files)}. Got {unknown}.')
    os.environ['OMP_NUM_THREADS'] = str(args.threads)
    out, results = Path(f'work_dirs/method{SUFFIXES[size]}'), HERE / f'results{SUFFIXES[size]}'
    records = Records(out / 'records', results)
    with readable_errors(OSError):
        chosen = () if args.render else args.tables or files
        tables = [read_table(files[name], rows=args.rows) for name in chosen]
        jobs = args.jobs or default_jobs(args.threads)
        failures = run_tables(tables, args.seeds, out, records, jobs, args.threads, args.rerun_stale)
        everything = settle_tables(out, records)
        add_results(everything, results)
        page = Path(f'docs/results{SUFFIXES[size]}.md')
        found = measured(everything, results)
        lost = write_page(page, render_page(HERE / 'results.md.jinja', found, CLAIMS, size))
        draw_curves(found, page.parent, size)
        raise_failures([*failures, *lost])


def settle_tables(out: Path, records: Records) -> Settled:
    """Each table and the runs of its rows."""
    tables = {path.stem: read_table(path) for path in table_files()}
    return {name: (table, settle_rows(table, 0, out, records)) for name, table in tables.items()}


def add_results(tables: Settled, results: Path) -> None:
    """Add this machine's records of the tables' runs to the results that are committed.

    A committed record stays where this machine's is of other settings than today's, or was measured on less.
    """
    with changed_results(results) as known:
        for run in (run for _, rows in tables.values() for runs in rows.values() for run in runs):
            for seed in run.records.seeds(run.name):
                seeded = replace(run, name=replace(run.name, seed=seed))
                found, before = seeded.known(), known.get(seeded.name)
                if found is not None and (before is None or _takes_its_place(found, before)):
                    known[seeded.name] = found.record


def _takes_its_place(found: Known, before: Record) -> bool:
    return not found.changes and set(before['metrics']) <= set(found.record['metrics'])


def measured(tables: Settled, results: Path) -> dict[str, MeasuredTable]:
    """What the committed results hold of each table."""
    committed = Records(results, results)
    found = {}
    for name, (table, rows) in tables.items():
        known = known_rows(rows, table.split, committed)
        found[name] = MeasuredTable(
            table,
            records={row: [each.record for each in seeds] for row, seeds in known.items()},
            stale={row: each.changes[0] for row, seeds in known.items() for each in seeds if each.changes},
        )
    return found


def draw_curves(tables: Mapping[str, MeasuredTable], docs: Path, size: str) -> None:
    """Draw the images that the page shows."""
    for name, measured_table in tables.items():
        if found := measured_table.curves():
            draw(found, docs / curve_image(name, size))


def write_page(path: Path, text: str) -> list[str]:
    """Write a page, unless rows of the one that is there would be lost; these are returned."""
    lost = lost_rows(path.read_text(), text) if path.exists() else []
    if lost:
        return [f'{path} stays as it is, or it would lose rows (to drop them, delete it first): {"; ".join(lost)}']
    path.write_text(text)
    return []
