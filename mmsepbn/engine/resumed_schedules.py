"""The schedules of a resumed training: MMEngine goes on with those of the checkpoint, whatever the config says."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mmengine.optim import _ParamScheduler
from mmengine.runner import EpochBasedTrainLoop, Runner

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.trained_config import trained_config
from mmsepbn.listing import shortened

_NO_END = inspect.signature(_ParamScheduler).parameters['end'].default
_PROGRESS = ('last_step', 'base_values', 'verbose')  # in the state of a schedule, beside private names


def other_schedules(runner: Runner, checkpoint: Mapping[str, Any]) -> str:
    """What of the config's schedules and length a resumed training does not follow, in a few sentences; may be empty.

    Args:
        runner: whose schedules and optimizer are built and have not taken a step.
        checkpoint: of a training with as many schedules, of the same kinds.
    """
    own, states = _schedules(runner, checkpoint)
    changed = list(_changed_settings(own, states))
    before = ((trained_config(checkpoint) or {}).get('train_cfg') or {}).get('max_epochs')
    longer = _epoch_length(runner) and before not in (None, runner.max_epochs)
    if not own or not (longer or changed):
        return ''
    length = f'The training has {runner.max_epochs} epochs, that of the checkpoint had {before}. ' if longer else ''
    return (
        f'{length}The schedules go on as in the checkpoint{_reach(runner, states)}{_list(changed)}. '
        '--scale-schedule goes on with those of the config, fitted to its length.'
    )


def other_optimizer(runner: Runner, checkpoint: Mapping[str, Any]) -> str:
    """What of the settings of the config's optimizer a resumed training does not follow; empty where it follows all.

    Args:
        runner: see :func:`other_schedules`.
        checkpoint: of a training.
    """
    groups = zip(_groups_of(checkpoint), runner.optim_wrapper.param_groups, strict=False)
    changed = [line for theirs, ours in groups for line in _changed_group(theirs, ours)]
    return f'The optimizer goes on as in the checkpoint{_list(changed)}.' if changed else ''


def go_on_with_own_schedules(runner: Runner, checkpoint: Mapping[str, Any]) -> None:
    """Put into the checkpoint where the config's schedules would be by now, and the rates that they would have set.

    Raises:
        CheckpointError: a schedule goes by results, which are not known any more.
    """
    own, states = _schedules(runner, checkpoint)
    for schedule in own:
        if getattr(schedule, 'need_val_args', False):
            raise CheckpointError(
                f'A resumed training cannot go on with the {type(schedule).__name__} of the config: it goes by '
                'results. Leave out --scale-schedule.'
            )
    length = _epoch_length(runner)
    for step in range(1, checkpoint['meta']['iter'] + 1):
        for schedule in own:
            schedule.optimizer._global_step = 0  # else MMEngine misses a step of the optimizer
            if not schedule.by_epoch or (length and step % length == 0):
                schedule.step()
    for state, schedule in zip(states, own, strict=True):
        state.update(schedule.state_dict())
    for theirs, ours in zip(_groups_of(checkpoint), runner.optim_wrapper.param_groups, strict=False):
        for name in {schedule.param_name for schedule in own}:
            theirs.update({name: ours[name], f'initial_{name}': ours[f'initial_{name}']})


def _schedules(runner: Runner, checkpoint: Mapping[str, Any]) -> tuple[list[_ParamScheduler], list[dict[str, Any]]]:
    """Those of the config, and the states of the checkpoint's; none where there are several optimizers."""
    own = runner.param_schedulers
    return (own, checkpoint['param_schedulers']) if isinstance(own, list) else ([], [])


def _epoch_length(runner: Runner) -> int:
    """Iterations of an epoch; 0 where the training is counted in iterations."""
    return len(runner.train_dataloader) if isinstance(runner.train_loop, EpochBasedTrainLoop) else 0


def _groups_of(checkpoint: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The groups of parameters with their settings, and last MMEngine's group of none, where there is one."""
    optimizer = checkpoint['optimizer']
    base = optimizer.get('base_param_settings')
    return [*optimizer.get('param_groups', ()), *([] if base is None else [base])]


def _changed_settings(own: Sequence[_ParamScheduler], states: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for schedule, state in zip(own, states, strict=True):
        if not getattr(schedule, 'need_val_args', False):  # in whose state settings and results are mixed
            ours = {name: value for name, value in schedule.state_dict().items() if name not in _PROGRESS}
            yield from _changes(f'{type(schedule).__name__}.', state, ours)


def _changed_group(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    scheduled = {name for name in ours if f'initial_{name}' in ours}
    yield from _changes('', theirs, {name: ours[name] for name in ours.keys() - scheduled - {'params'}})


def _changes(place: str, theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(ours):
        if not name.startswith('_') and name in theirs and repr(theirs[name]) != repr(ours[name]):
            yield f'{place}{name}={theirs[name]} (config: {ours[name]})'


def _list(changed: Sequence[str]) -> str:
    return f', not as in the config: {shortened(list(dict.fromkeys(changed)), ", ")}' if changed else ''


def _reach(runner: Runner, states: Sequence[Mapping[str, Any]]) -> str:
    """Where the last schedule ends in this training, or what of it is cut; empty where the two end together."""
    lengths = {False: runner.max_iters} | ({True: runner.max_epochs} if _epoch_length(runner) else {})
    ends = [state['end'] / lengths[state['by_epoch']] for state in states if state['by_epoch'] in lengths]
    last = max(ends, default=1.0)
    if last < 1:
        return f' and end after {100 * last:.3g} % of this training'
    return f', of which this training runs {100 / last:.3g} %' if 1 < last < _NO_END / runner.max_iters else ''
