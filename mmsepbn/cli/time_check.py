"""Whether loading or the network limits the training speed on this machine."""

import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Any, NamedTuple

import torch
from mmengine.dataset import pseudo_collate
from mmengine.device import get_device
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, MODELS

from mmsepbn.datasets.checks.found import build_dataset
from mmsepbn.datasets.checks.loading_time import loading_seconds, whole_seconds
from mmsepbn.datasets.config_sets import dataset_configs
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.engine.hooks.channels_last_hook import use_memory_format
from mmsepbn.models.estimators.replay_estimator import ReplayEstimator
from mmsepbn.processes.usable_cores import usable_cores

_STEPS = 5


class Speeds(NamedTuple):
    """Seconds that a training takes on this machine.

    Attributes:
        face: of loading one, in one process.
        step: of the network, with gradients and the optimizer.
        batch_size: faces of a step.
        workers: processes that load.
        cores: that this process may use.
        device: of the network.
    """

    face: float
    step: float
    batch_size: int
    workers: int
    cores: int
    device: str

    @property
    def loaded(self) -> float:
        """Faces a second that the workers load, at most as many at once as there are cores."""
        return max(1, min(self.workers, self.cores)) / self.face

    @property
    def trained(self) -> float:
        """Faces a second that the network takes."""
        return self.batch_size / self.step


def time_lines(config: Mapping[str, Any]) -> Iterator[str]:
    """A line for each data set: where the time goes; and one for training: which is the limit.

    Args:
        config: of a training or test, whose data can be read; its default scope must be set.
    """
    for use in dataset_configs(config):
        dataset = build_dataset(use.config)
        if isinstance(dataset, FaceDataset):
            parts = loading_seconds(dataset)
            listed = ', '.join(f'{name} {seconds * 1e3:.2f}' for name, seconds in parts.items())
            yield f'{use.label}: {sum(parts.values()) * 1e3:.2f} ms a face on one core: {listed}'
    if config.get('train_dataloader') and config.get('model') and config.get('optim_wrapper'):
        yield limit_line(_speeds(config))


def limit_line(speeds: Speeds) -> str:
    """What limits the training speed, in words."""
    found = (
        f'training: {_plural(speeds.workers, "worker")} on {_plural(speeds.cores, "core")} load {speeds.loaded:.0f} '
        f'faces/s, the network takes {speeds.trained:.0f} faces/s on {speeds.device}, {speeds.batch_size} at once: '
    )
    if speeds.workers == 0:
        both = 1 / (1 / speeds.loaded + 1 / speeds.trained)
        return (
            f'{found}without workers, loading and training alternate, at {both:.0f} faces/s; '
            'num_workers=1 overlaps them.'
        )
    if speeds.loaded >= speeds.trained:
        return f'{found}the network is the limit.'
    more = 'more workers, ' if speeds.workers < speeds.cores else ''
    return f'{found}the loader is the limit; {more}a face cache (tools/cache_faces.py) helps.'


def _speeds(config: Mapping[str, Any]) -> Speeds:
    loader = config['train_dataloader']
    dataset = DATASETS.build(loader['dataset'])
    if hasattr(dataset, 'full_init'):
        dataset.full_init()
    size = loader.get('batch_size') or 1
    faces = [dataset[place % len(dataset)] for place in range(size)]
    device = get_device()  # where MMEngine trains
    with _cudnn_benchmark(bool((config.get('env_cfg') or {}).get('cudnn_benchmark'))):
        step = _step_seconds(config, pseudo_collate(faces), device)
    return Speeds(
        face=whole_seconds(dataset),
        step=step,
        batch_size=size,
        workers=loader.get('num_workers') or 0,
        cores=usable_cores(),
        device=device,
    )


@contextmanager
def _cudnn_benchmark(on: bool) -> Iterator[None]:
    """The setting for a while; ``cudnn.flags`` would set all others to values of its own."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = on
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def _step_seconds(config: Mapping[str, Any], batch: Any, device: str) -> float:
    """Median seconds of a training step of the network as it is initialized; the first, which warms up, is left out."""
    model = MODELS.build(config['model']).to(device).train()
    use_memory_format(model, config)
    for layer in model.modules():
        if hasattr(layer, 'set_temperature'):
            layer.set_temperature(1.0)  # a hook does it in training; it changes no time
    if isinstance(model, ReplayEstimator):  # a hook gives it stage 1; its own weights take as long
        model.set_teacher(model.state_dict())
    wrapper = build_optim_wrapper(model, config['optim_wrapper'])
    times = []
    for _ in range(_STEPS + 1):
        start = perf_counter()
        model.train_step(batch, wrapper)
        torch.get_device_module(device).synchronize()
        times.append(perf_counter() - start)
    return statistics.median(times[1:])


def _plural(count: int, noun: str) -> str:
    return f'{count} {noun}' + ('' if count == 1 else 's')
