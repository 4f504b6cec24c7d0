"""Running the steps of a table: each in a folder of its own, kept and continued."""

import copy
import hashlib
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mmengine
import mmpose
import torch
from mmengine.config import Config
from mmengine.runner import Runner

import mmsepbn
from mmsepbn.experiments.table import Row, Step

_RECORD = 'run.json'
_CONFIG = 'config.py'
_OUTPUT = 'output.txt'


class RunError(RuntimeError):
    """A run ended without a result; the message names its folder."""


@dataclass(frozen=True)
class Run:
    """A step with everything settled.

    Attributes:
        config: the whole config, with seed and checkpoint to start from.
        folder: named by the config's text, so that equal runs share it and a changed config gets another.
    """

    config: Config
    folder: Path

    @property
    def checkpoint(self) -> Path:
        """Where the last epoch's weights lie when the run is done."""
        return self.folder / f'epoch_{self.config.train_cfg.max_epochs}.pth'

    @property
    def record(self) -> Path:
        """Where the result lies when the run is done."""
        return self.folder / _RECORD


def settle(step: Step, seed: int, out: Path, load_from: Path | None = None) -> Run:
    """The run of a step: config, changes, seed, start. Raises FileNotFoundError for a config that does not exist."""
    config = Config.fromfile(step.config)
    config.merge_from_dict(dict(step.options))
    config.randomness = {**config.get('randomness', {}), 'seed': seed}
    config.load_from = str(load_from) if load_from is not None else None
    if load_from is not None:
        _without_pretrained(config.model.backbone)  # the checkpoint before fills everything
    text = config.pretty_text
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    folder = out / f'{step.config.stem}-{digest}-s{seed}'
    config.work_dir = str(folder)
    return Run(config, folder)


def _without_pretrained(backbone: dict[str, Any]) -> None:
    for part in (backbone, backbone.get('backbone', {})):
        if isinstance(part.get('init_cfg'), dict) and part['init_cfg'].get('type') == 'Pretrained':
            part['init_cfg'] = None


def run_row(row: Row, seed: int, out: Path, threads: int | None = None) -> dict[str, Any]:
    """Train and test a row's steps unless that was done, each in a process of its own; returns the last record.

    A step that was stopped goes on from its last checkpoint.

    Args:
        row: what to run.
        seed: seed of every step.
        out: folder of all runs.
        threads: CPU threads of each process; None: torch's choice.

    Raises:
        RunError: a step failed; the message gives the last line of what it said.
    """
    runs: list[Run] = []
    for step in row.steps:
        runs.append(settle(step, seed, out, runs[-1].checkpoint if runs else None))
        if not runs[-1].record.exists():
            _in_a_process(runs[-1], threads)
    return json.loads(runs[-1].record.read_text())


def _in_a_process(run: Run, threads: int | None) -> None:
    run.folder.mkdir(parents=True, exist_ok=True)
    run.config.dump(run.folder / _CONFIG)
    process = multiprocessing.get_context('spawn').Process(target=_in_this_process, args=(str(run.folder), threads))
    process.start()
    process.join()
    if process.exitcode or not run.record.exists():
        output = run.folder / _OUTPUT
        last = output.read_text().strip().rpartition('\n')[2] if output.exists() else 'nothing'
        raise RunError(f'The run of {run.folder / _CONFIG} failed. {output} ends with: {last}')


def _in_this_process(folder: str, threads: int | None) -> None:
    """The whole of a run; whatever it says goes to a file."""
    with Path(folder, _OUTPUT).open('a') as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    if threads is not None:
        torch.set_num_threads(threads)
    _train_and_test(Run(Config.fromfile(Path(folder, _CONFIG)), Path(folder)))


def _train_and_test(run: Run) -> None:
    config = copy.deepcopy(run.config)
    config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if (run.folder / 'last_checkpoint').exists():
        config.resume, config.load_from = True, None  # with load_from MMEngine would resume that file instead
    started = time.perf_counter()
    if not run.checkpoint.exists():
        Runner.from_cfg(config).train()
    seconds = time.perf_counter() - started
    test = copy.deepcopy(run.config)
    test.load_from, test.work_dir = str(run.checkpoint), str(run.folder / 'test')
    test.custom_hooks = [*test.get('custom_hooks', []), dict(type='mmsepbn.ExactCheckpointHook')]
    runner = Runner.from_cfg(test)
    metrics = runner.test()
    record = dict(
        run=run.folder.name,
        seed=config.randomness.seed,
        metrics=metrics,
        curve=training_curve(run.folder),
        parameters=sum(p.numel() for p in runner.model.parameters()),
        train_seconds=round(seconds, 1),
        load_from=run.config.load_from,
        commit=_commit(),
        versions=dict(
            mmsepbn=mmsepbn.__version__,
            torch=torch.__version__,
            mmengine=mmengine.__version__,
            mmpose=mmpose.__version__,
            python=platform.python_version(),
        ),
        device=torch.cuda.get_device_name() if torch.cuda.is_available() else f'cpu, {torch.get_num_threads()} threads',
    )
    run.record.write_text(json.dumps(record, indent=1))


def training_curve(folder: Path) -> list[float]:
    """Mean logged loss of each epoch, from the scalars that MMEngine wrote; a resumed run's parts are joined."""
    losses: dict[int, list[float]] = {}
    for path in sorted(folder.glob('*/vis_data/scalars.json')):
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            if 'loss' in entry and 'epoch' in entry:
                losses.setdefault(entry['epoch'], []).append(entry['loss'])
    return [round(sum(values) / len(values), 4) for _, values in sorted(losses.items())]


def _commit() -> str | None:
    """The commit of the package's working copy; None outside of one."""
    command = ['git', '-C', str(Path(__file__).parent), 'rev-parse', 'HEAD']
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None
