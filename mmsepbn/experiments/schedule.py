"""Run rows of tables over seeds, several at a time, each step in its own process."""

import itertools
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

import torch
from mmengine.utils import import_modules_from_strings

from mmsepbn.experiments.record import RunName
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.run import Run, settle_rows
from mmsepbn.experiments.set_aside import whole_checkpoint
from mmsepbn.experiments.settings import changes
from mmsepbn.experiments.table import Split, Table, TableError
from mmsepbn.experiments.train_and_measure import measure, train
from mmsepbn.listing import shortened
from mmsepbn.processes.children import end_children, ended_by_signals, start_child
from mmsepbn.processes.folder_lock import folder_lock
from mmsepbn.processes.usable_cores import usable_cores
from mmsepbn.user_error import UserError

_OUTPUT = 'output.txt'
_listed = partial(shortened, joint='; ', shown=3)


class RunError(UserError, RuntimeError):
    """Runs ended without a result; the message names their folders."""


def raise_failures(failures: Sequence[str]) -> None:
    """RunError that lists what :func:`run_tables` returned, where that is anything."""
    if failures:
        raise RunError(f'{len(failures)} of the runs have no result.\n  ' + '\n  '.join(failures))


def default_jobs(threads: int) -> int:
    """One run on each GPU; without one, as many as the cores hold with ``threads`` each."""
    return torch.cuda.device_count() or max(1, usable_cores() // threads)


def run_tables(
    tables: Sequence[Table],
    seeds: int,
    out: Path,
    records: Records,
    jobs: int = 1,
    threads: int | None = None,
    rerun_stale: bool = False,
) -> list[str]:
    """Train and measure every row with seeds 0 to ``seeds - 1`` unless its record is there.

    Table after table, in each the first seed of all rows first. A stopped training continues from its last intact
    checkpoint. Steps shared by rows are run once. Failed runs are skipped, with the rows that need them, and so are
    stale ones, whose record or folder has other settings than today's. A line on standard error for each row and seed
    that is done or failed.

    Args:
        tables: what to run.
        seeds: number of seeds.
        out: folder for logs and checkpoints of all runs.
        records: where the records of all runs are.
        jobs: runs at a time; they take turns on the GPUs.
        threads: CPU threads of a run; None: torch's choice.
        rerun_stale: train stale runs again; the old record and folder stay as ``NAME.stale``.

    Returns:
        The failures: for each run its folder and the last line of its output, or why it is stale.

    Raises:
        FolderInUseError: another process runs tables there.
        TableError: two rows of a table are one run, or a run is not the same in two places.
        OSError: a folder cannot be written.
        SystemExit: Ctrl-C or SIGTERM; runs under way are ended, which keep a checkpoint.
    """
    if not tables:
        return []
    with ExitStack() as stack:
        stack.enter_context(ended_by_signals())
        for folder in dict.fromkeys((out.resolve(), records.folder.resolve())):
            stack.enter_context(folder_lock(folder))
        tasks = [
            _Task(f'{table.title}: {row}, seed {seed}', runs, table.split)
            for table, seed in itertools.product(tables, range(seeds))
            for row, runs in settle_rows(table, seed, out, records).items()
        ]
        _check_names(tasks)
        tasks = [task for task in tasks if task.runs[-1].measured(task.split) is None]
        return _Schedule(tasks, jobs, threads, rerun_stale).work()


@dataclass
class _Task:
    """A row with one seed: its steps from ``runs[step]`` on are still to be run."""

    label: str
    runs: Sequence[Run]
    split: Split
    step: int = 0

    @property
    def run(self) -> Run:
        """The step that comes next."""
        return self.runs[self.step]

    @property
    def measured_split(self) -> Split | None:
        """The split to measure after it: the row's, after the last step."""
        return self.split if self.step == len(self.runs) - 1 else None


@dataclass
class _Schedule:
    """Tasks in their order, of which ``jobs`` run at a time, one process for each step."""

    waiting: list[_Task]
    jobs: int
    threads: int | None
    rerun_stale: bool
    running: dict[int, tuple[_Task, BaseProcess]] = field(default_factory=dict)  # by slot
    failures: dict[RunName, str] = field(default_factory=dict)

    def work(self) -> list[str]:
        """Bring all tasks to their ends, see :func:`run_tables`."""
        try:
            while self._start_next() or self.running:
                ended = wait([process.sentinel for _, process in self.running.values()])
                for slot, (task, process) in list(self.running.items()):
                    if process.sentinel in ended:
                        process.join()
                        del self.running[slot]
                        self._take(task, process.exitcode)
        finally:
            end_children(process for _, process in self.running.values())
        return list(self.failures.values())

    def _start_next(self) -> bool:
        """Start runs while there are slots and tasks for them; whether anything is under way then."""
        while len(self.running) < self.jobs and (task := self._next()) is not None:
            if task.run.name in self.failures:
                self.waiting.remove(task)
                _say(f'{task.label}: failed with {task.run.name}')
            elif _is_done(task.run, task.measured_split):
                self._finish_step(task)
            elif (stale := task.run.stale()) and not self.rerun_stale:
                self._fail(task, f'{task.run.name} is stale: {_listed(stale)}. --rerun-stale trains it again.')
            else:
                self._start(task)
        return bool(self.running)

    def _next(self) -> _Task | None:
        """The first task whose run is not under way."""
        busy = {task.run.name for task, _ in self.running.values()}
        return next((task for task in self.waiting if task.run.name not in busy), None)

    def _start(self, task: _Task) -> None:
        slot = next(slot for slot in range(self.jobs) if slot not in self.running)
        try:
            task.run.set_stale_aside()
            task.run.begin()
        except OSError as error:
            self._fail(task, f'{task.run.folder} cannot be written: {error}')
            return
        process = start_child(_in_this_process, task.run, task.measured_split, self.threads, slot)
        self.running[slot] = task, process

    def _take(self, task: _Task, status: int | None) -> None:
        """The outcome of a task's process."""
        if status == 0:
            self._finish_step(task)
        else:
            self._fail(task, _failure(task.run, status))

    def _fail(self, task: _Task, reason: str) -> None:
        self.waiting.remove(task)
        self.failures[task.run.name] = reason
        _say(f'{task.label}: failed')

    def _finish_step(self, task: _Task) -> None:
        if task.step == len(task.runs) - 1:
            self.waiting.remove(task)
            _say(f'{task.label}: done')
        else:
            task.step += 1


def _is_done(run: Run, split: Split | None) -> bool:
    """Whether a run has been measured, or, for the step after it, has its checkpoint."""
    if split is not None:
        return run.measured(split) is not None
    return run.record() is not None and not run.changes_of_folder() and whole_checkpoint(run.checkpoint)


def _failure(run: Run, status: int | None) -> str:
    output = run.folder / _OUTPUT
    lines = output.read_text(errors='replace').strip().splitlines() if output.exists() else []
    how = f'was killed by signal {-status}' if status is not None and status < 0 else 'failed'
    last = lines[-1] if lines else 'nothing'
    return f'{run.name} {how}; run the command again to continue it. {output} ends with: {last}'


def _check_names(tasks: Sequence[_Task]) -> None:
    named: dict[RunName, Run] = {}
    for run in (run for task in tasks for run in task.runs):
        if why := changes(named.setdefault(run.name, run).settings, run.settings):
            raise TableError(f'{run.name} is defined twice, with different settings: {_listed(why)}.')


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _in_this_process(run: Run, split: Split | None, threads: int | None, slot: int) -> None:
    """Train a run to its end and measure ``split``, if given; its output goes to a file."""
    with (run.folder / _OUTPUT).open('a') as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    if imports := run.config.get('custom_imports'):  # MMEngine imports them where it reads a file
        import_modules_from_strings(**imports)
    if threads is not None:
        torch.set_num_threads(threads)
    if torch.cuda.is_available():
        torch.cuda.set_device(slot % torch.cuda.device_count())
    known = run.record()
    splits: set[Split] = set() if split is None else {split}
    if known is None or not whole_checkpoint(run.checkpoint):
        train(run)
        splits |= set(known['metrics'] if known else ())  # a record is of one network: everything is measured again
    for each in sorted(splits):
        measure(run, each)
