"""What a step of training takes as batch, image and the number of protocols grow."""

import statistics
from collections.abc import Iterator
from typing import NamedTuple

import torch
from mmengine.optim import build_optim_wrapper

from benchmarks.speed.measure import Call, interleaved, peak_memory
from benchmarks.speed.networks import build_network, faces_of, network_config
from benchmarks.speed.report import Report, Row

_CONFIG = 'configs/cnt_sepbn_vanilla.py'
_CPU = torch.device('cpu')
_STRIDE = 64  # of Vanilla CNN: pixels of the image to one of its last map


class Step(NamedTuple):
    """Faces of a step, pixels of a side of their crops, and branches among which they are spread evenly."""

    batch: int = 10
    size: int = 128
    protocols: int = 1


_GROWING = {
    'batch': [Step(batch=batch) for batch in (5, 10, 20, 40)],
    'size': [Step(size=size) for size in (64, 128, 256)],
    'protocols': [Step(protocols=protocols) for protocols in (1, 2, 5)],
}
_QUICK = {'protocols': [Step(batch=2, size=64), Step(batch=2, size=64, protocols=2)]}


def add_steps(report: Report, quick: bool) -> None:
    """A row for each thing that grows, of steps that take turns."""
    for name, steps in (_QUICK if quick else _GROWING).items():
        report.measure(
            dict(grows=name, config=_CONFIG),
            lambda steps=steps: dict(steps=list(_measured(steps, 0.0 if quick else 30.0, quick))),
        )


def _measured(steps: list[Step], seconds: float, small: bool) -> Iterator[Row]:
    calls = {str(step): step_call(step, small) for step in steps}
    times = interleaved(calls, _CPU, seconds)
    for step, (name, call) in zip(steps, calls.items(), strict=True):
        milliseconds = 1000 * statistics.median(times[name])
        yield dict(**step._asdict(), milliseconds=round(milliseconds, 2), memory=peak_memory(call, _CPU))


def step_call(step: Step, small: bool = False) -> Call:
    """A step as MMEngine's loop takes it, of a network at the paper's width; ``small``: at a tenth."""
    config = network_config(_CONFIG, None, small)
    head, side = config['head'], step.size // _STRIDE
    head.protocols = head.protocols[: step.protocols]
    head.branch.update(in_featuremap_size=(side, side))
    model = build_network(config, _CPU).train()
    wrapper = build_optim_wrapper(model, dict(optimizer=dict(type='SGD', lr=1e-6, momentum=0.9)))
    names = [head.protocols[place % step.protocols] for place in range(step.batch)]
    crops = torch.randint(0, 256, (step.batch, 3, step.size, step.size), dtype=torch.uint8)
    data = dict(inputs=list(crops), data_samples=faces_of(names, _CPU))
    return lambda: model.train_step(data, wrapper)
