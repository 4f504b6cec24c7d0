"""A run of a table: a step with everything settled, and the record of what came out of it."""

import copy
import hashlib
import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmsepbn.cli.config_file import read_config
from mmsepbn.cli.options import merge_options
from mmsepbn.experiments.record import Record, RecordError, read_record, write_record
from mmsepbn.experiments.set_aside import set_aside
from mmsepbn.experiments.table import Part, Step, Table, TableError

# What a result depends on; the rest of a config is for logging or is taken up by these.
_DECIDING = (
    'model',
    'train_dataloader',
    'val_dataloader',
    'test_dataloader',
    'val_evaluator',
    'test_evaluator',
    'optim_wrapper',
    'param_scheduler',
    'train_cfg',
    'custom_hooks',
    'randomness',
    'load_from',
)
# Likewise, but left out where they are not set.
_DECIDING_WHERE_SET = (
    'data_preprocessor',
    'sync_bn',
    'compile',
    'activation_checkpointing',
    'efficient_conv_bn_eval',
    'model_wrapper_cfg',
)
# Stage-1 configs have it for MMPose's browse_dataset.py alone: each set packs like that, so it changes nothing.
_ALWAYS_PACKED = [dict(type='mmsepbn.PackFaceInputs')]
# What a run decides itself.
_NO_OPTIONS = ('randomness.seed', 'work_dir', 'resume')


@dataclass(frozen=True)
class Run:
    """A step with everything settled.

    Attributes:
        series: the config's name and a digest of its deciding settings and of the runs before, without the seed: equal
            runs share it, on any machine, and a changed config gets another.
        config: the whole config, with seed, checkpoint to start from and folder.
        records: folder of the records of all runs.
    """

    series: str
    config: Config
    records: Path

    @property
    def name(self) -> str:
        """Series and seed."""
        return f'{self.series}-s{self.config.randomness.seed}'

    @property
    def folder(self) -> Path:
        """Where logs and checkpoints lie."""
        return Path(self.config.work_dir)

    @property
    def checkpoint(self) -> Path:
        """Where the last epoch's weights lie when the run is done."""
        return self.folder / f'epoch_{self.config.train_cfg.max_epochs}.pth'

    def record(self) -> Record | None:
        """What the run came to; None before the end of its training, and where the record has to be set aside."""
        path = self._record_path()
        if not path.exists():
            return None
        try:
            return read_record(path, self.name, deciding_settings(self.config))
        except RecordError as error:
            set_aside(path, error)
            return None

    def keep(self, record: Record) -> None:
        """Write the record; RecordError where it would be set aside."""
        write_record(self._record_path(), record, self.name, deciding_settings(self.config))

    def measured(self, part: Part) -> Record | None:
        """The record if it has the metrics of ``part``."""
        record = self.record()
        return record if record is not None and part in record['metrics'] else None

    def seeds(self) -> list[int]:
        """Seeds of the series that have a record."""
        seeds = []
        for path in self.records.glob(f'{self.series}-s*.json'):
            if found := re.fullmatch(r'-s(0|[1-9][0-9]*)', path.stem.removeprefix(self.series)):
                seeds.append(int(found[1]))
            else:
                print(f'{path} is not read: its name is not that of a seed.', file=sys.stderr)
        return sorted(seeds)

    def _record_path(self) -> Path:
        return self.records / f'{self.name}.json'


def settle(step: Step, seed: int, out: Path, records: Path, before: Run | None = None) -> Run:
    """The run of a step: config, changes, seed, start.

    The first step of a row starts from its config's own ``load_from``, if it has any.

    Raises:
        OptionError: no such config, or a change of nothing.
        TableError: a change of what the run decides itself, or a config that does not train by epochs.
    """
    if own := sorted({*_NO_OPTIONS} & {*step.options}):
        raise TableError(f'A row cannot change {own}: its runs have seeds and folders of their own.')
    with _quiet():  # MMEngine says for each file and each variable of the environment that it read it
        config = read_config(step.config)
    merge_options(config, copy.deepcopy(dict(step.options)))  # it would write into values that rows share
    if before is not None:
        _without_pretrained(config.model.backbone)  # the checkpoint before fills everything
    config.randomness = {**config.get('randomness', {}), 'seed': None}
    if 'max_epochs' not in (config.get('train_cfg') or {}):
        raise TableError(f'{step.config}: a row needs train_cfg.max_epochs, it trains by epochs.')
    if before is not None:
        config.load_from = before.series
    digest = hashlib.sha256(json.dumps(deciding_settings(config), sort_keys=True).encode()).hexdigest()[:10]
    series = f'{step.config.stem}-{digest}'
    config.randomness.seed = seed
    if before is not None:
        config.load_from = str(before.checkpoint)
    config.work_dir = str(out / f'{series}-s{seed}')
    return Run(series, config, records)


def deciding_settings(config: Config) -> dict[str, Any]:
    """The part of a config that a result depends on, as plain data."""
    whole = config.to_dict()
    for part in ('train', 'val', 'test'):
        dataset = (whole.get(f'{part}_dataloader') or {}).get('dataset', {})
        if 'datasets' in dataset and dataset.get('pipeline') == _ALWAYS_PACKED:
            del dataset['pipeline']
    scaled = {'auto_scale_lr': whole['auto_scale_lr']} if (whole.get('auto_scale_lr') or {}).get('enable') else {}
    return (
        {key: whole.get(key) for key in _DECIDING}
        | {key: whole[key] for key in _DECIDING_WHERE_SET if whole.get(key)}
        | scaled
    )


def settle_rows(table: Table, seed: int, out: Path, records: Path) -> dict[str, list[Run]]:
    """The runs of each row.

    Raises:
        TableError: two rows come to one run, so that nothing could be compared; names both.
    """
    rows = {row.name: settle_all(row.steps, seed, out, records) for row in table.rows}
    owners: dict[str, str] = {}
    for name, runs in rows.items():
        if (other := owners.setdefault(runs[-1].name, name)) != name:
            raise TableError(
                f'{table.title}: the rows {other!r} and {name!r} are one and the same run, {runs[-1].name}. What they '
                'state does not change a result.'
            )
    return rows


def settle_all(steps: tuple[Step, ...], seed: int, out: Path, records: Path) -> list[Run]:
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
        if isinstance(part.get('init_cfg'), dict) and part['init_cfg'].get('type') == 'Pretrained':
            part['init_cfg'] = None
