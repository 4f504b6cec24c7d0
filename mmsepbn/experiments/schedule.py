"""Running rows of tables over seeds, several at a time, each step in a process of its own."""

import itertools
import multiprocessing
import os
import queue
import sys
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import torch

from mmsepbn.experiments.run import Record, Run, settle_all
from mmsepbn.experiments.table import Part, Table
from mmsepbn.experiments.train_and_measure import measure, train

_CONFIG = 'config.py'
_OUTPUT = 'output.txt'


class RunError(RuntimeError):
    """A run ended without a result; the message names its folder."""


def default_jobs(threads: int) -> int:
    """One run on each GPU; without one, as many as the cores hold with ``threads`` each."""
    return torch.cuda.device_count() or max(1, (os.cpu_count() or 1) // threads)


def known_records(table: Table, out: Path, records: Path, seeds: int | None = None) -> dict[str, list[Record]]:
    """Row -> records that have the table's part, of seeds 0 to ``seeds - 1`` or (None) of all; nothing is run."""
    done: dict[str, list[Record]] = {}
    for row in table.rows:
        chosen = range(seeds) if seeds is not None else settle_all(row.steps, 0, out, records)[-1].seeds()
        found = (settle_all(row.steps, seed, out, records)[-1].measured(table.part) for seed in chosen)
        done[row.name] = [record for record in found if record is not None]
    return done


def run_tables(
    tables: Sequence[Table],
    seeds: int,
    out: Path,
    records: Path,
    jobs: int = 1,
    threads: int | None = None,
) -> None:
    """Train and measure every row with seeds 0 to ``seeds - 1`` unless its record is there.

    Table after table, in each the first seed of all rows first. A training that was stopped goes on from its last
    checkpoint. Steps that rows share are run once. A line on standard error for each row and seed that is done.

    Args:
        tables: what to run.
        seeds: number of seeds.
        out: folder for logs and checkpoints of all runs.
        records: folder for the records of all runs.
        jobs: runs at a time; they take turns on the GPUs.
        threads: CPU threads of a run; None: torch's choice.

    Raises:
        RunError: a run failed; those under way are finished, no other is begun. The message gives its last line.
    """
    locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
    slots: queue.SimpleQueue[int] = queue.SimpleQueue()
    for slot in range(jobs):
        slots.put(slot)

    def run_row(table: Table, name: str, runs: Sequence[Run]) -> str:
        slot = slots.get()
        try:
            for run in runs:
                with locks[run.name]:
                    _in_a_process(run, table.part if run is runs[-1] else None, threads, slot)
        finally:
            slots.put(slot)
        return f'{table.title}: {name}, seed {runs[-1].config.randomness.seed}: done'

    with ThreadPoolExecutor(jobs) as pool:
        tasks = []
        for table, seed in itertools.product(tables, range(seeds)):
            for row in table.rows:
                runs = settle_all(row.steps, seed, out, records)
                if runs[-1].measured(table.part) is None:
                    tasks.append(pool.submit(run_row, table, row.name, runs))
        for task in as_completed(tasks):
            if task.exception() is not None:
                pool.shutdown(wait=False, cancel_futures=True)
            print(task.result(), file=sys.stderr, flush=True)


def _in_a_process(run: Run, part: Part | None, threads: int | None, slot: int) -> None:
    """Bring a run to the end of its training, and have ``part`` measured where one is named."""
    if run.checkpoint.exists() and run.record() is not None and (part is None or run.measured(part)):
        return
    run.folder.mkdir(parents=True, exist_ok=True)
    run.config.dump(run.folder / _CONFIG)
    process = multiprocessing.get_context('spawn').Process(target=_in_this_process, args=(run, part, threads, slot))
    process.start()
    process.join()
    if process.exitcode:
        output = run.folder / _OUTPUT
        last = output.read_text().strip().rpartition('\n')[2] if output.exists() else 'nothing'
        raise RunError(f'The run of {run.folder / _CONFIG} failed. {output} ends with: {last}')


def _in_this_process(run: Run, part: Part | None, threads: int | None, slot: int) -> None:
    """Whatever a run says goes to a file."""
    with (run.folder / _OUTPUT).open('a') as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    if threads is not None:
        torch.set_num_threads(threads)
    if torch.cuda.is_available():
        torch.cuda.set_device(slot % torch.cuda.device_count())
    known = run.record()
    parts: set[Part] = set() if part is None else {part}
    if not run.checkpoint.exists() or known is None:
        train(run)
        parts |= set(known['metrics'] if known else ())  # a record tells of one network: all is measured anew
    for each in sorted(parts):
        measure(run, each)
