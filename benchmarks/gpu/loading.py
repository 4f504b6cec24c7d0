"""Faces per second of training by the number of workers, with and without a face cache."""

import os
import time
from collections.abc import Callable, Iterable
from itertools import chain, product, repeat
from typing import Any

from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from benchmarks.gpu.options import Options
from benchmarks.speed.measure import wait_for
from benchmarks.speed.networks import build_network, network_config
from benchmarks.speed.report import Report, Row
from mmsepbn.cli.face_caching import make_caches
from mmsepbn.config_file import read_config, use_scope
from mmsepbn.datasets.face_cache.link import VARIABLE

_CONFIG = 'configs/sepbn_vanilla_300w.py'
_REPEATED = 20


def faces_per_second(report: Report, options: Options) -> None:
    """The network alone, on a batch that is there, then with 1, 4 and 16 workers."""
    model = build_network(network_config(_CONFIG, None, options.quick), options.device)
    wrapper = build_optim_wrapper(model, dict(optimizer=dict(type='SGD', lr=1e-6, momentum=0.9)))
    seconds, batch = (0.2, 2) if options.quick else (3.0, 64)

    def rate(batches: Iterable[Any]) -> Row:
        found = faces_a_second(lambda data: model.train_step(data, wrapper), batches, batch, seconds, options)
        return dict(faces_per_second=round(found, 1))

    alone = next(iter(_loader(options, 0, batch)))
    report.measure(dict(workers=None, cache=False, batch=batch), lambda: rate(repeat(alone)), seconds + 5)
    for cache, workers in product((False, True), (1,) if options.quick else (1, 4, 16)):

        def fed(cache: bool = cache, workers: int = workers) -> Row:
            return rate(chain.from_iterable(repeat(_loader(options, workers, batch, cache))))

        report.measure(dict(workers=workers, cache=cache, batch=batch), fed, seconds + 8)


def faces_a_second(
    step: Callable[[Any], Any], batches: Iterable[Any], batch: int, seconds: float, options: Options
) -> float:
    """Of steps on an endless row of batches for so long; the first two, with which workers begin, do not count."""
    faces, start = 0, 0.0
    for number, data in enumerate(batches):
        step(data)
        if number == 1:
            wait_for(options.device)
            start = time.perf_counter()
        elif number > 1:
            faces += batch
            if time.perf_counter() - start > seconds:
                break
    wait_for(options.device)
    return faces / (time.perf_counter() - start)


def _loader(options: Options, workers: int, batch: int, cache: bool = False) -> DataLoader:
    cfg = read_config(_CONFIG)
    use_scope(cfg)
    loader = cfg.train_dataloader
    loader.update(batch_size=batch, num_workers=workers, persistent_workers=workers > 0, drop_last=True)
    loader.dataset.data_root = str(options.faces)
    if cache:
        folder = options.out / 'face_cache'
        list(make_caches(Config(dict(train_dataloader=loader)), folder, 1.25, 95))  # done already where it is there
        os.environ[VARIABLE] = str(folder)
    # Few faces would measure how workers start an epoch.
    loader.dataset = dict(type='RepeatDataset', dataset=loader.dataset, times=_REPEATED)
    try:
        return Runner.build_dataloader(loader, seed=0)
    finally:
        os.environ.pop(VARIABLE, None)
