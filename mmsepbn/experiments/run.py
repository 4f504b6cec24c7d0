"""A run of a table: a step with its final config, and its records."""

import copy
import functools
import itertools
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmsepbn.checkpoints.last_checkpoint import trained
from mmsepbn.checkpoints.pretrained import others_of
from mmsepbn.config_file import read_config
from mmsepbn.config_walk import hooks_of_kind, walk
from mmsepbn.experiments.record import Record, RunName
from mmsepbn.experiments.records import Records
from mmsepbn.experiments.set_aside import set_aside
from mmsepbn.experiments.settings import Settings, changes, deciding_settings, without_roots
from mmsepbn.experiments.table import Split, Step, Table, TableError
from mmsepbn.option_error import OptionError
from mmsepbn.run_settings.merge import merge_options
from mmsepbn.run_settings.schedules import refuse_late_schedules, refuse_no_length
from mmsepbn.type_name import type_name
from mmsepbn.whole_file import write_json

# What a run decides itself.
_NO_OPTIONS = ('randomness.seed', 'work_dir', 'resume')
_SETTINGS = 'settings.json'


@dataclass(frozen=True)
class Known:
    """A record, and what of its run's settings has changed since; none: it is of today's."""

    record: Record
    changes: list[str]


@dataclass(frozen=True)
class Run:
    """A step with its final config.

    Attributes:
        name: of the run.
        config: the whole config, with seed, checkpoint to start from and folder.
        settings: those that decide the result.
        records: where the record is found and kept.
    """

    name: RunName
    config: Config
    settings: Settings
    records: Records

    @property
    def folder(self) -> Path:
        """Where logs and checkpoints lie."""
        return Path(self.config.work_dir)

    @property
    def checkpoint(self) -> Path:
        """Where the last epoch's weights lie when the run is done."""
        return self.folder / f'epoch_{self.config.train_cfg.max_epochs}.pth'

    def known(self) -> Known | None:
        """The run's record, with today's settings if there is one; None before the end of its training."""
        found = [Known(record, changes(record['config'], self.settings)) for record in self.records.find(self.name)]
        return next((known for known in found if not known.changes), found[0] if found else None)

    def record(self) -> Record | None:
        """The record by today's settings."""
        known = self.known()
        return known.record if known is not None and not known.changes else None

    def measured(self, split: Split) -> Record | None:
        """The record by today's settings if it has the metrics of ``split``."""
        record = self.record()
        return record if record is not None and split in record['metrics'] else None

    def keep(self, record: Record) -> None:
        """Write the record; RecordError where it would be set aside."""
        self.records.keep(record, self.name)

    def begin(self) -> None:
        """Note in the folder what is trained there. OSError where it cannot be written."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config.dump(self.folder / 'config.py')
        write_json(self.folder / _SETTINGS, self.settings)

    def changes_of_folder(self) -> list[str]:
        """Changes of settings since the training in the folder began."""
        path = self.folder / _SETTINGS
        if not path.exists():
            return []
        try:
            return changes(json.loads(path.read_text()), self.settings)
        except ValueError as error:
            return [f'{path} cannot be read: {error}']

    def stale(self) -> list[str]:
        """Changes of settings since the run was made or begun; empty if nothing has changed, or nothing would be lost.

        A training that ended before its first checkpoint, as one with wrong settings does, loses nothing.
        """
        known = self.known()
        if known is not None and known.changes:
            return known.changes
        return self.changes_of_folder() if trained(self.folder) else []

    def set_stale_aside(self) -> None:
        """Rename the record and the folder to ``NAME.stale`` where they are of other settings."""
        record = self.records.own(self.name)
        if record is not None and (why := changes(record['config'], self.settings)):
            set_aside(self.records.path(self.name), why[0], 'stale')
        if why := self.changes_of_folder():
            set_aside(self.folder, why[0], 'stale')


def settle(step: Step, seed: int, out: Path, records: Records, before: Run | None = None) -> Run:
    """The run of a step: config, changes, seed, start.

    The first step of a row starts from its config's own ``load_from``, if it has any.

    Raises:
        OptionError: no such config, a change of nothing, a training without an epoch, or a schedule that would begin
            when training has ended.
        TableError: a change of what the run decides itself, a config that does not train by epochs, or one that has a
            hook or schedule that acts on validations.
    """
    if own := sorted({*_NO_OPTIONS} & {*step.options}):
        raise TableError(f'A row cannot change {own}: each run sets its own seed and folder.')
    config = _changed_config(step, before)
    with without_roots():
        settings = deciding_settings(_changed_config(step, before), before.settings if before is not None else None)
    name = RunName(step.table, step.row, step.number, seed)
    config.randomness.seed = seed
    if before is not None:
        config.load_from = str(before.checkpoint)
    config.work_dir = str(out / name.path)
    return Run(name, config, settings, records)


def _changed_config(step: Step, before: Run | None) -> Config:
    written = step.config.stat().st_mtime_ns if step.config.is_file() else None
    config = copy.deepcopy(_read(step.config, written, frozenset(os.environ.items())))
    merge_options(config, copy.deepcopy(dict(step.options)))  # it would write into values that rows share
    if before is not None:
        _without_pretrained(config.model.backbone)  # the checkpoint before fills everything
    config.randomness = {**config.get('randomness', {}), 'seed': None}
    if 'max_epochs' not in (config.get('train_cfg') or {}):
        raise TableError(f'{step.config}: a row needs train_cfg.max_epochs, it trains by epochs.')
    refuse_no_length(config)
    if idle := _acting_on_validations(config):
        raise TableError(
            f'{step.config}: a row is trained without validation and tested at its last epoch, so {", ".join(idle)} '
            'cannot act and must be removed.'
        )
    refuse_late_schedules(config, f'Change max_epochs or param_scheduler of {step.config}.')
    return config


def _acting_on_validations(config: Config) -> list[str]:
    """The types of hooks and schedules that watch a metric."""
    parts = (part for _, part in walk(config.get('param_scheduler')) if isinstance(part, Mapping))
    schedules = [name for part in parts if (name := type_name(part.get('type'))).startswith('ReduceOnPlateau')]
    return [type_name(hook['type']) for hook in hooks_of_kind(config, 'EarlyStoppingHook')] + schedules


@functools.lru_cache(maxsize=64)  # rows of many tables change few configs
def _read(path: Path, *_: Any) -> Config:
    with _quiet():  # MMEngine says for each file and each variable of the environment that it read it
        return read_config(path)


def settle_rows(table: Table, seed: int, out: Path, records: Records) -> dict[str, list[Run]]:
    """The runs of each row.

    Raises:
        TableError: a row is refused by :func:`settle`, names it; or two rows come to one run, so that nothing could be
            compared, or to one name, names both.
    """
    rows = {}
    for row in table.rows:
        try:
            rows[row.name] = settle_all(row.steps, seed, out, records)
        except (OptionError, TableError) as error:
            raise TableError(f'{table.title}, row {row.name!r}: {error}') from None
    for (name, runs), (other, others) in itertools.combinations(rows.items(), 2):
        first, second = runs[-1], others[-1]
        if not changes(first.settings, second.settings):
            raise TableError(
                f'{table.title}: the rows {name!r} and {other!r} are the same run. Their differences do not change '
                'the result.'
            )
        if first.name.path == second.name.path:
            raise TableError(f'{table.title}: the rows {name!r} and {other!r} have the same name, {first.name.path}.')
    return rows


def settle_all(steps: tuple[Step, ...], seed: int, out: Path, records: Records) -> list[Run]:
    """The runs of a row's steps, each starting from the one before."""
    runs: list[Run] = []
    for step in steps:
        runs.append(settle(step, seed, out, records, runs[-1] if runs else None))
    return runs


@contextmanager
def _quiet() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


def _without_pretrained(backbone: dict[str, Any]) -> None:
    for part in (backbone, backbone.get('backbone', {})):
        if 'init_cfg' in part:
            part['init_cfg'] = others_of(part['init_cfg'])
