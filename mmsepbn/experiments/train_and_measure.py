"""Train and measure a run, within one process."""

import copy
import json
import logging
import math
import statistics
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from mmengine.device import get_device
from mmengine.logging import print_log
from mmengine.runner import Runner
from torch.utils.flop_counter import FlopCounterMode

from mmsepbn.analysis.attention_weights import variance_explained
from mmsepbn.analysis.mean_ablation import mean_ablated
from mmsepbn.analysis.observe import attention_layers, observe
from mmsepbn.analysis.route_similarity import mean_pairwise_cosine
from mmsepbn.checkpoints.last_checkpoint import POINTER, last_checkpoint
from mmsepbn.engine.checked_runner import CheckedRunner
from mmsepbn.experiments.face_caches import face_caches
from mmsepbn.experiments.run import Run
from mmsepbn.experiments.set_aside import whole_checkpoints
from mmsepbn.experiments.source_version import source_version, versions
from mmsepbn.experiments.table import Split

if TYPE_CHECKING:  # importing it needs the adapters of mmsepbn.registry
    from mmpose.models.pose_estimators.base import BasePoseEstimator


def train(run: Run) -> None:
    """Train to the last epoch, from the last intact checkpoint of a stopped attempt, then store the record.

    Damaged checkpoints are set aside; if no other is left, it trains from the start.
    """
    config = copy.deepcopy(run.config)
    config.val_cfg = config.val_dataloader = config.val_evaluator = None
    if whole_checkpoints(run.folder):
        config.resume, config.load_from = True, last_checkpoint(run.folder)
    else:
        (run.folder / POINTER).unlink(missing_ok=True)
    started = time.perf_counter()
    runner = CheckedRunner.from_cfg(config)
    runner.train()
    run.keep(
        dict(
            **asdict(run.name),
            metrics={},
            attention={},
            curve=training_curve(run.folder, config.train_cfg.max_epochs),
            parameters=sum(p.numel() for p in runner.model.parameters()),
            train_seconds=round(time.perf_counter() - started, 1),
            load_from=run.config.load_from,
            face_cache=face_caches(runner.train_dataloader.dataset),
            **source_version(),
            versions=versions(),
            device=_device(),
            config=run.settings,
        )
    )


def measure(run: Run, split: Split) -> None:
    """Add the results on ``val_dataloader`` or ``test_dataloader`` to the record.

    Besides the metrics: multiply-accumulates of a face (convolutions and linear layers) and what the attention does,
    where there is one.
    """
    record = run.record()
    if record is None:
        raise ValueError(f'The run {run.name} has not been trained.')
    config = copy.deepcopy(run.config)
    config.load_from, config.work_dir = str(run.checkpoint), str(run.folder / split)
    config.test_dataloader, config.test_evaluator = config[f'{split}_dataloader'], config[f'{split}_evaluator']
    exact = dict(type='mmsepbn.ExactCheckpointHook')
    config.default_hooks = {'exact_checkpoint': exact, **(config.get('default_hooks') or {})}
    runner = CheckedRunner.from_cfg(config)
    record['metrics'][split] = plain_numbers(runner.test())
    if read := face_caches(runner.test_dataloader.dataset):  # sets that are not in test_mode
        record['face_cache'] = {**(record.get('face_cache') or {}), **read}
    if attention_layers(runner.model):
        record['attention'][split] = _attention(runner)
    record['macs'] = multiply_accumulates(runner.model, runner.test_dataloader.dataset[0]['inputs'].shape)
    run.keep(record)


def _attention(runner: Runner) -> dict[str, Any]:
    """Statistics of the attention on the test faces.

    For each of ``layers``, how far its weights differ between faces and their largest; which share of their variance
    goes with the head's pose and with each subset; and how alike the routes are (Eq. 2). ``mean_ablated``: the metrics
    when every layer weighs its routes for all faces by its mean over them.
    """
    seen = observe(runner.model, runner.test_dataloader, with_features=False)
    subsets = sorted(seen.subset_masks().items())
    layers = {}
    for name, layer in attention_layers(runner.model).items():
        weights = seen.attention[name]
        layers[name] = dict(
            deviation=float(weights.std(axis=0).mean()),
            largest=float(weights.max(axis=1).mean()),
            by_pose=variance_explained(weights, seen.domains),
            by_subset={subset: variance_explained(weights, mask) for subset, mask in subsets},
            similarity=dict(
                scale=mean_pairwise_cosine(layer.get_parameter('weight').detach()),
                shift=mean_pairwise_cosine(layer.get_parameter('bias').detach()),
            ),
        )
    with mean_ablated(runner.model, seen.attention):
        return dict(layers=layers, mean_ablated=plain_numbers(runner.test()))


def plain_numbers(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Metrics with numbers of numpy and torch as those of Python; what is none stays, and no record takes it."""
    found: dict[str, Any] = dict(metrics)
    for name, value in metrics.items():
        with suppress(AttributeError, ValueError, RuntimeError):  # of Python, or of several numbers
            found[name] = value.item()
    return found


def multiply_accumulates(model: 'BasePoseEstimator', shape: tuple[int, ...]) -> int:
    """Of convolutions and matrix products in the backbone and head for one crop (C, H, W), without the flip test."""
    weight = next(model.parameters())
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.eval()(weight.new_zeros(1, *shape), None, mode='tensor')
    return counter.get_total_flops() // 2


def training_curve(folder: Path, epochs: int) -> list[float | None]:
    """Mean logged loss of each epoch, from the scalars that MMEngine wrote; of a step's attempts the last counts.

    None for an epoch without a logged loss. Lines that are not whole, as a stopped attempt may leave, or not finite
    are named and left out.
    """
    losses: dict[int, dict[int, float]] = {}
    for path in sorted(folder.glob('*/vis_data/scalars.json')):
        for number, line in enumerate(path.read_text(errors='replace').splitlines(), start=1):
            try:
                if logged := _logged_loss(line, number):
                    epoch, step, loss = logged
                    losses.setdefault(epoch, {})[step] = loss
            except (ValueError, TypeError, OverflowError, RecursionError):
                print_log(
                    f'{path}:{number} is skipped, it has no finite loss: {line[:80]!r}', 'current', logging.WARNING
                )
    means = {epoch: round(statistics.fmean(steps.values()), 4) for epoch, steps in losses.items()}
    return [means.get(epoch) for epoch in range(1, epochs + 1)]


def _logged_loss(line: str, number: int) -> tuple[int, int, float] | None:
    """Epoch, step and loss of a line of scalars, whose ``number`` stands in for a step; None: it is of something else.

    Raises:
        ValueError, TypeError, OverflowError, RecursionError: it is not whole, or its loss is not finite.
    """
    entry = json.loads(line)
    if 'loss' not in entry or 'epoch' not in entry:
        return None
    epoch, step, loss = int(entry['epoch']), int(entry.get('step', number)), float(entry['loss'])
    if not math.isfinite(loss):
        raise ValueError(f'the loss must be finite. Got {loss}.')
    return epoch, step, loss


def _device() -> str:
    device = get_device()  # where MMEngine trains
    if device == 'cuda':
        return torch.cuda.get_device_name()
    return f'cpu, {torch.get_num_threads()} threads' if device == 'cpu' else device
