"""Schedules and the length of the training: cut ones are reported, and scaled on request."""

import copy
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmengine.config import Config

from mmsepbn.config_walk import hooks_of_kind, walk
from mmsepbn.engine.hooks.temperature_annealing_hook import ANNEALING
from mmsepbn.option_error import OptionError
from mmsepbn.run_settings.readers import readers_of
from mmsepbn.type_name import type_name

Schedule = Mapping[str, Any]

# A schedule that no training reaches, also none that goes on for longer.
_NEVER = dict(begin=10**9, end=2 * 10**9)


def refuse_no_length(config: Config) -> None:
    """MMEngine would train nothing, and end as after a training.

    Raises:
        OptionError: ``train_cfg.max_epochs`` or ``max_iters`` is below 1.
    """
    training = config.get('train_cfg') or {}
    for name in ('max_epochs', 'max_iters'):
        if isinstance(length := training.get(name), int | float) and not length >= 1:
            raise OptionError(f'train_cfg.{name} must be at least 1. Got {length}.')


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
        if epochs > length and _has_temperature(config)
    ]
    if not parts:
        return ''
    unit, length = cut[0][:2] if cut else ('epochs', _epochs(config))
    return f'train_cfg.max_{unit}={length} cuts the schedule: {"; ".join(parts)}.'


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


def _has_temperature(config: Config) -> bool:
    """Whether a part of the model is a SepBN, or a SepBNBackbone, which puts it in where it has no ``norm_cfg``."""
    for _, part in walk(config.get('model')):
        kind = part.get('type') if isinstance(part, Mapping) else None
        if type_name(kind) == 'SepBNBackbone' and not part.get('norm_cfg'):
            return True
        if any(hasattr(reader, 'set_temperature') for reader in readers_of(kind)):
            return True
    return False


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
