"""The schedules of a resumed training: MMEngine continues those of the checkpoint, whatever the config says."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmengine.optim import _ParamScheduler
from mmengine.runner import Runner

from mmsepbn.checkpoints.trained_config import trained_config
from mmsepbn.engine.resumed_state import epoch_length, group_pairs, schedule_pairs, scheduled
from mmsepbn.listing import shortened

_NO_END = inspect.signature(_ParamScheduler).parameters['end'].default
_PROGRESS = ('last_step', 'base_values', 'verbose')  # in the state of a schedule, besides private names


def other_schedules(runner: Runner, checkpoint: Mapping[str, Any]) -> str:
    """How a resumed training departs from the config's schedules and length, in a few sentences; may be empty.

    Args:
        runner: whose schedules and optimizer are built and have not taken a step.
        checkpoint: of a training with as many schedules, of the same kinds.
    """
    pairs = schedule_pairs(runner, checkpoint)
    changed = [line for schedule, state in pairs for line in _changed_settings(schedule, state)]
    before = ((trained_config(checkpoint) or {}).get('train_cfg') or {}).get('max_epochs')
    longer = epoch_length(runner) and before not in (None, runner.max_epochs)
    if not pairs or not (longer or changed):
        return ''
    length = f'The training has {runner.max_epochs} epochs, that of the checkpoint had {before}. ' if longer else ''
    reach = _reach(runner, [state for _, state in pairs])
    return (
        f'{length}The schedules continue as in the checkpoint{reach}{_list(changed)}. '
        '--scale-schedule uses those of the config instead, fitted to its length.'
    )


def other_optimizer(runner: Runner, checkpoint: Mapping[str, Any]) -> str:
    """How a resumed training departs from the config's optimizer settings; empty if it follows all.

    Args:
        runner: see :func:`other_schedules`.
        checkpoint: of a training.
    """
    changed = [line for theirs, ours in group_pairs(runner, checkpoint) for line in _changed_group(theirs, ours)]
    return f'The optimizer continues as in the checkpoint{_list(changed)}.' if changed else ''


def _changed_settings(schedule: _ParamScheduler, state: Mapping[str, Any]) -> Iterator[str]:
    if not getattr(schedule, 'need_val_args', False):  # in whose state settings and results are mixed
        ours = {name: value for name, value in schedule.state_dict().items() if name not in _PROGRESS}
        yield from _changes(f'{type(schedule).__name__}.', state, ours)


def _changed_group(theirs: Mapping[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    yield from _changes('', theirs, {name: ours[name] for name in ours.keys() - scheduled(ours) - {'params'}})


def _changes(place: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(ours):
        if not name.startswith('_') and name in theirs and repr(theirs[name]) != repr(ours[name]):
            yield f'{place}{name}={theirs[name]} (config: {ours[name]})'


def _list(changed: Sequence[str]) -> str:
    return f', not as in the config: {shortened(list(dict.fromkeys(changed)), ", ")}' if changed else ''


def _reach(runner: Runner, states: Sequence[Mapping[str, Any]]) -> str:
    """Where the last schedule ends in this training, or how much of it is cut; empty if both end together."""
    lengths = {False: runner.max_iters} | ({True: runner.max_epochs} if epoch_length(runner) else {})
    ends = [state['end'] / lengths[state['by_epoch']] for state in states if state['by_epoch'] in lengths]
    last = max(ends, default=1.0)
    if last < 1:
        return f' and end after {100 * last:.3g} % of this training'
    return f', of which this training runs {100 / last:.3g} %' if 1 < last < _NO_END / runner.max_iters else ''
