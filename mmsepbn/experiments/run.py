"""A run of a table: a step with everything settled, and the record of what came out of it."""

import copy
import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config

from mmsepbn.apis.options import merge_options
from mmsepbn.experiments.table import Part, Step

Record = dict[str, Any]

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
        """What the run came to; None before the end of its training."""
        path = self._record_path()
        return json.loads(path.read_text()) if path.exists() else None

    def keep(self, record: Record) -> None:
        """Write the record; a reader sees the old one or the new one."""
        path = self._record_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix('.part')
        unfinished.write_text(json.dumps(record, indent=1) + '\n')
        unfinished.replace(path)

    def measured(self, part: Part) -> Record | None:
        """The record if it has the metrics of ``part``."""
        record = self.record()
        return record if record is not None and part in record['metrics'] else None

    def seeds(self) -> list[int]:
        """Seeds of the series that have a record."""
        return sorted(int(path.stem.rpartition('-s')[2]) for path in self.records.glob(f'{self.series}-s*.json'))

    def _record_path(self) -> Path:
        return self.records / f'{self.name}.json'


def settle(step: Step, seed: int, out: Path, records: Path, before: Run | None = None) -> Run:
    """The run of a step: config, changes, seed, start.

    Raises:
        FileNotFoundError: no such config.
        OptionError: a change of nothing.
    """
    with _quiet():  # MMEngine says for each file and each variable of the environment that it read it
        config = Config.fromfile(step.config)
    merge_options(config, copy.deepcopy(dict(step.options)))  # it would write into values that rows share
    if before is not None:
        _without_pretrained(config.model.backbone)  # the checkpoint before fills everything
    config.randomness = {**config.get('randomness', {}), 'seed': None}
    config.load_from = before.series if before is not None else None
    digest = hashlib.sha256(json.dumps(deciding_settings(config), sort_keys=True).encode()).hexdigest()[:10]
    series = f'{step.config.stem}-{digest}'
    config.randomness.seed = seed
    config.load_from = str(before.checkpoint) if before is not None else None
    config.work_dir = str(out / f'{series}-s{seed}')
    return Run(series, config, records)


def deciding_settings(config: Config) -> dict[str, Any]:
    """The part of a config that a result depends on, as plain data."""
    whole = config.to_dict()
    return {key: whole.get(key) for key in _DECIDING}


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
