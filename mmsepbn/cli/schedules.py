"""Schedules and the length of the training: cut ones are reported, and scaled on request."""

import copy
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import PARAM_SCHEDULERS

from mmsepbn.cli.config_hooks import hooks_of_kind
from mmsepbn.engine.hooks.temperature_annealing_hook import ANNEALING
from mmsepbn.option_error import OptionError
from mmsepbn.type_name import type_name

Schedule = Mapping[str, Any]

# The most steps that one sentence about the learning rate may take: a tenth of a second.
_MOST_STEPS = 5000
# A schedule that no training reaches, also none that goes on for longer.
_NEVER = dict(begin=10**9, end=2 * 10**9)


def refuse_late_schedules(
    config: Config, advice: str = 'For a short trial, --scale-schedule shrinks the whole schedule.'
) -> None:
    """A schedule without an end ends with the training; MMEngine's error then speaks of iterations alone.

    Args:
        config: of a training.
        advice: what to do about it, for the message.

    Raises:
        OptionError: such a schedule would begin when training has ended.
    """
    for unit, length, schedule in _with_lengths(config):
        begin = schedule.get('begin', 0)
        if 'end' not in schedule and begin >= length:
            name = type_name(schedule.get('type'))
            raise OptionError(f'train_cfg.max_{unit} must exceed {begin}, where {name} begins, got {length}. {advice}')


def cut_schedules(config: Config) -> str:
    """One sentence about the part of the schedules that is not reached; empty if all are completed."""
    cut = [each for each in _with_lengths(config) if each[1] < _end(each[2]) < math.inf]
    parts = [_cut_line(*each) for each in cut]
    parts += [
        f"SepBN's temperature falls over {epochs} epochs, {_share(length, epochs)} of which run"
        for length, epochs, _ in _annealing(config)
        if epochs > length
    ]
    if not parts:
        return ''
    unit, length = cut[0][:2] if cut else ('epochs', _epochs(config))
    rates = learning_rates(config, length) if cut else []
    reached = f' The learning rate reaches {max(rates):.3g} and ends at {rates[-1]:.3g}.' if rates else ''
    return f'train_cfg.max_{unit}={length} cuts the schedule: {"; ".join(parts)}.{reached}'


def scale_schedules(config: Config, planned: int | None) -> None:
    """Fit the schedules and the fall of SepBN's temperature to ``train_cfg.max_epochs`` or ``max_iters``, in place.

    All are scaled by one factor, from the planned length, or the end of a schedule beyond it, to the length of the
    training, to whole epochs or iterations. A schedule of which nothing is left never begins, so that trainings of all
    lengths have as many and can be resumed from each other; one by iterations in a training by epochs, or the reverse,
    stays as it is.

    Args:
        config: the config, with the training's length as it is to be.
        planned: the length for which the config was written, in the unit of the training; without it the last end
            of the schedules is taken, where all have one.

    Raises:
        OptionError: the schedules are those of several optimizers.
    """
    schedules = config.get('param_scheduler')
    if isinstance(schedules, Mapping) and 'type' not in schedules:
        raise OptionError(f'--scale-schedule: param_scheduler must be of one optimizer. Got those of {[*schedules]}.')
    known = list(_with_lengths(config))
    length = known[0][1] if known else _epochs(config)
    factor = _factor([schedule for _, _, schedule in known], length, planned)
    if known:
        config.param_scheduler = [
            _fitted(schedule, factor, length) if _is_known(config, schedule) else schedule
            for schedule in _schedules(config)
        ]
    for _, epochs, settings in _annealing(config):
        settings['epochs'] = max(1, round(epochs * factor))


def _fitted(schedule: Schedule, factor: float, length: int) -> Schedule:
    scaled = scaled_schedule(schedule, factor)
    return {**schedule, **_NEVER} if scaled is None or scaled['begin'] >= length else scaled


def scaled_schedule(schedule: Schedule, factor: float) -> dict[str, Any] | None:
    """A schedule with all its lengths times ``factor``, as whole numbers; None where it would be empty."""
    result = dict(copy.deepcopy(dict(schedule)))
    begin, end = schedule.get('begin', 0), schedule.get('end', math.inf)
    start = result['begin'] = round(begin * factor)
    if math.isfinite(end):
        result['end'] = round(end * factor)
        if result['end'] <= start:
            return None
    if schedule.get('T_max') == end - begin:
        del result['T_max']  # MMEngine takes the whole schedule
    for name in ('T_max', 'total_steps'):
        if result.get(name):
            result[name] = max(1, round((begin + result[name]) * factor) - start)
    # Steps are rounded down: rounded up, the last could fall on the end of the training, which comes after it.
    if 'step_size' in result:
        result['step_size'] = _step(begin + result['step_size'], factor, start)
    if 'milestones' in result:
        result['milestones'] = [_step(begin + each, factor, start) for each in result['milestones']]
    if 'periods' in result:
        ends = [start, *(round((begin + each) * factor) for each in itertools.accumulate(result['periods']))]
        result['periods'] = [max(1, after - before) for before, after in itertools.pairwise(ends)]
    return result


def _step(place: int, factor: float, start: int) -> int:
    return max(1, math.floor(place * factor + 1e-9) - start)


def _factor(schedules: Sequence[Schedule], length: int, planned: int | None) -> float:
    ends = [_end(schedule) for schedule in schedules] or [math.inf]
    # A schedule without an end reaches the planned length; that one may be shorter than the schedules of a base file.
    reached = [planned or (length if math.inf in ends else 0), *(end for end in ends if end < math.inf)]
    return length / (max(reached) or 1)


def _schedules(config: Config) -> Sequence[Schedule]:
    schedules = config.get('param_scheduler') or []
    if not isinstance(schedules, Mapping):
        return schedules
    return [schedules] if 'type' in schedules else []  # else of several optimizers


def _with_lengths(config: Config) -> Iterator[tuple[str, int, Schedule]]:
    """Each schedule that :func:`_is_known`: the unit, the length of the training, the schedule."""
    for schedule in _schedules(config):
        if _is_known(config, schedule):
            yield _unit(schedule), _length(config, schedule), schedule


def _is_known(config: Config, schedule: Schedule) -> bool:
    """Whether its unit is that of the training's length, and it begins at all."""
    return _length(config, schedule) > 0 and schedule.get('begin', 0) < _NEVER['begin']


def _unit(schedule: Schedule) -> str:
    return 'epochs' if schedule.get('by_epoch', True) else 'iters'


def _length(config: Config, schedule: Schedule) -> int:
    """The training's length in the unit of a schedule; 0 where the training is counted in the other."""
    length = (config.get('train_cfg') or {}).get(f'max_{_unit(schedule)}')
    return length if isinstance(length, int) else 0


def _annealing(config: Config) -> Iterator[tuple[int, int, Any]]:
    """The training's epochs, those over which SepBN's temperature falls, and where that is set.

    By hooks of the config, or else by its ``temperature``.
    """
    length = _epochs(config)
    annealing = hooks_of_kind(config, 'TemperatureAnnealingHook')
    own = [hook for hook in annealing if not hook.get('from_config')]
    for settings in own or [config.get('temperature')][: len(annealing)]:
        if length and isinstance(settings, Mapping):
            yield length, settings.get('epochs', ANNEALING['epochs']), settings


def _epochs(config: Config) -> int:
    epochs = (config.get('train_cfg') or {}).get('max_epochs')
    return epochs if isinstance(epochs, int) else 0


def _end(schedule: Schedule) -> float:
    """The length of the training that a schedule needs; infinite for one that ends with any training."""
    if 'end' in schedule:
        return schedule['end']
    lengths = [schedule.get('T_max'), schedule.get('total_steps'), sum(schedule.get('periods', ()))]
    steps = [schedule.get('step_size'), *schedule.get('milestones', ())]
    # A step at the very end of the training comes too late.
    needed = [*filter(None, lengths), *(step + 1 for step in steps if step)]
    return schedule.get('begin', 0) + max(needed, default=math.inf)


def _cut_line(unit: str, length: int, schedule: Schedule) -> str:
    begin, end = schedule.get('begin', 0), _end(schedule)
    span = f'{type_name(schedule.get("type"))} ({unit} {begin} to {end})'
    if begin >= length:
        return f'{span} never begins'
    warm_up = ', so training never leaves warm-up' if begin == 0 and _rises(schedule) else ''
    return f'{_share(length - begin, end - begin)} of {span} run{warm_up}'


def _rises(schedule: Schedule) -> bool:
    return schedule.get('start_factor', schedule.get('factor', 1.0)) < schedule.get('end_factor', 1.0)


def _share(part: float, whole: float) -> str:
    return f'{100 * part / whole:.3g} %'


def learning_rates(config: Config, length: int) -> list[float]:
    """The learning rate over a training of ``length`` epochs or iterations, by MMEngine's own schedules.

    Approximate in two ways. A training of more than 5000 is taken as one of 5000 with its schedules scaled to it. How
    many iterations an epoch has is not known; the rates are nearly those of any large number.

    Returns:
        (N,) rates, N <= 5000, at equal distances over the training; empty where there are none.
    """
    rate: Any = ((config.get('optim_wrapper') or {}).get('optimizer') or {}).get('lr')
    schedules = [dict(end=length) | dict(schedule) for _, _, schedule in _with_lengths(config)]
    if length > _MOST_STEPS:
        schedules, length = _sampled(schedules, _MOST_STEPS / length), _MOST_STEPS
    fine = any(schedule.get('convert_to_iter_based') for schedule in schedules)
    steps = min(100, _MOST_STEPS // length) if fine else 1
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


def _sampled(schedules: Sequence[Schedule], factor: float) -> list[dict[str, Any]]:
    """The schedules in fewer, longer steps."""
    result = [scaled for each in schedules if (scaled := scaled_schedule(each, factor)) is not None]
    for each in result:
        if type_name(each.get('type')) == 'ExponentialLR' and 'gamma' in each:  # of one step
            each['gamma'] **= 1 / factor
    return result
