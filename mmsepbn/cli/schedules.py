"""Schedules against the length of the training: cut ones are named, and scaled where that is asked for."""

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import PARAM_SCHEDULERS

from mmsepbn.cli.option_error import OptionError

Schedule = Mapping[str, Any]

# Lengths within a schedule, in its own unit; `begin` and `end` are places.
_LENGTHS = ('T_max', 'step_size', 'total_steps')
_LISTS = ('milestones', 'periods')


def refuse_late_schedules(config: Config) -> None:
    """A schedule without an end ends with the training; MMEngine's error then speaks of iterations alone.

    Raises:
        OptionError: such a schedule would begin when training has ended.
    """
    for unit, length, schedule in _with_lengths(config):
        begin = schedule.get('begin', 0)
        if 'end' not in schedule and begin >= length:
            raise OptionError(
                f'train_cfg.max_{unit} must exceed {begin}, where {type_name(schedule)} begins, got {length}.'
            )


def cut_schedules(config: Config) -> str:
    """One sentence about what of the schedules the training does not reach; empty where it reaches the end of all."""
    cut = [each for each in _with_lengths(config) if each[1] < _end(each[2]) < math.inf]
    parts = [_cut_line(*each) for each in cut]
    parts += [
        f'{type_name(hook)} falls over {hook["epochs"]} epochs, {_share(length, hook["epochs"])} of which run'
        for length, hook in _annealing(config)
        if hook.get('epochs', 0) > length
    ]
    if not parts:
        return ''
    unit, length = cut[0][:2] if cut else ('epochs', _epochs(config))
    rates = _rates(config, length) if cut else []
    reached = f' The learning rate reaches {max(rates):.3g} and ends at {rates[-1]:.3g}.' if rates else ''
    return f'train_cfg.max_{unit}={length} cuts the schedule: {"; ".join(parts)}.{reached}'


def scale_schedules(config: Config, planned_epochs: int | None) -> None:
    """Fit the schedules and the fall of SepBN's temperature to ``train_cfg.max_epochs`` or ``max_iters``, in place.

    All are scaled by one factor, from the end of the last schedule to the end of the training, to whole epochs or
    iterations; a schedule of which nothing is left is dropped.

    Args:
        config: the config, with the training's length as it is to be.
        planned_epochs: the length for which the config was written, for schedules that end with the training.
    """
    known = list(_with_lengths(config))
    factor = _factor([schedule for _, _, schedule in known], known[0][1] if known else _epochs(config), planned_epochs)
    if known:
        scaled = [scaled_schedule(schedule, factor) for _, _, schedule in known]
        config.param_scheduler = [schedule for schedule in scaled if schedule is not None]
    for _, hook in _annealing(config):
        hook['epochs'] = max(1, round(hook['epochs'] * factor))


def scaled_schedule(schedule: Schedule, factor: float) -> dict[str, Any] | None:
    """A schedule with all its lengths times ``factor``, as whole numbers; None where it would be empty."""
    result = dict(copy.deepcopy(dict(schedule)))
    begin, end = schedule.get('begin', 0), schedule.get('end', math.inf)
    result['begin'] = round(begin * factor)
    if math.isfinite(end):
        result['end'] = round(end * factor)
        if result['end'] <= result['begin']:
            return None
    if schedule.get('T_max') == end - begin:
        del result['T_max']  # MMEngine takes the whole schedule
    for name in {*_LENGTHS} & {*result}:
        result[name] = max(1, round(schedule[name] * factor))
    for name in {*_LISTS} & {*result}:
        result[name] = [max(1, round(each * factor)) for each in schedule[name]]
    return result


def type_name(part: Schedule) -> str:
    """The name of a dict's ``type``, be it a name, with or without a scope, or a class."""
    kind = part.get('type')
    return kind.rpartition('.')[2] if isinstance(kind, str) else getattr(kind, '__name__', str(kind))


def _factor(schedules: Sequence[Schedule], length: int, planned: int | None) -> float:
    ends = [_end(schedule) for schedule in schedules]
    if ends and all(map(math.isfinite, ends)):
        return length / max(ends)
    return length / (planned or length)


def _with_lengths(config: Config) -> Iterator[tuple[str, int, Schedule]]:
    """Each schedule whose unit is that of the training's length: the unit, the length, the schedule."""
    schedules = config.get('param_scheduler') or []
    if isinstance(schedules, Mapping) and 'type' not in schedules:  # of several optimizers
        return
    training = config.get('train_cfg') or {}
    for schedule in [schedules] if isinstance(schedules, Mapping) else schedules:
        unit = 'epochs' if schedule.get('by_epoch', True) else 'iters'
        if isinstance(length := training.get(f'max_{unit}'), int):
            yield unit, length, schedule


def _annealing(config: Config) -> Iterator[tuple[int, Any]]:
    epochs = _epochs(config)
    for hook in config.get('custom_hooks') or []:
        if epochs and isinstance(hook, Mapping) and type_name(hook) == 'TemperatureAnnealingHook' and 'epochs' in hook:
            yield epochs, hook


def _epochs(config: Config) -> int:
    epochs = (config.get('train_cfg') or {}).get('max_epochs')
    return epochs if isinstance(epochs, int) else 0


def _end(schedule: Schedule) -> float:
    return schedule.get('end', math.inf)


def _cut_line(unit: str, length: int, schedule: Schedule) -> str:
    begin, end = schedule.get('begin', 0), _end(schedule)
    span = f'{type_name(schedule)} ({unit} {begin} to {end})'
    if begin >= length:
        return f'{span} never begins'
    warm_up = ', so the warm-up is not left' if begin == 0 and _rises(schedule) else ''
    return f'{_share(length - begin, end - begin)} of {span} run{warm_up}'


def _rises(schedule: Schedule) -> bool:
    return schedule.get('start_factor', schedule.get('factor', 1.0)) < schedule.get('end_factor', 1.0)


def _share(part: float, whole: float) -> str:
    return f'{100 * part / whole:.3g} %'


def _rates(config: Config, length: int) -> list[float]:
    """The learning rate over the training, by MMEngine's own schedules; empty where there is none."""
    rate: Any = ((config.get('optim_wrapper') or {}).get('optimizer') or {}).get('lr')
    schedules = [dict(end=length) | dict(schedule) for _, _, schedule in _with_lengths(config)]
    # How many iterations an epoch has is not known; the rates are nearly those of any large number.
    steps = 100 if any(schedule.get('convert_to_iter_based') for schedule in schedules) else 1
    rates = []
    try:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
        arguments = dict(optimizer=optimizer, epoch_length=steps)
        built = [PARAM_SCHEDULERS.build(schedule | arguments) for schedule in schedules]
        for step in range(length * steps):
            rates.append(optimizer.param_groups[0]['lr'])
            optimizer.step()
            for schedule in built:
                if not schedule.by_epoch or (step + 1) % steps == 0:
                    schedule.step()
    except (AssertionError, KeyError, TypeError, ValueError):  # what is wrong with them, the training says
        return []
    return rates
