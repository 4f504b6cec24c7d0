"""Pair the training state of a checkpoint with that of the Runner that resumes it."""

from collections.abc import Mapping
from typing import Any

from mmengine.optim import OptimWrapperDict, _ParamScheduler
from mmengine.runner import EpochBasedTrainLoop, Runner

Group = dict[str, Any]


def by_optimizer(schedules: Any) -> dict[str, Any]:
    """The schedules, or their states, of each optimizer by name; of a single one, which has none, by ''."""
    return dict(schedules) if isinstance(schedules, Mapping) else {'': schedules or []}


def schedule_pairs(runner: Runner, checkpoint: Mapping[str, Any]) -> list[tuple[_ParamScheduler, dict[str, Any]]]:
    """Each schedule of the config and the state of the one in its place in the checkpoint, of all optimizers.

    Args:
        runner: whose schedules are built.
        checkpoint: of a training with as many schedules, of the same kinds.
    """
    states = by_optimizer(checkpoint.get('param_schedulers'))
    own = by_optimizer(runner.param_schedulers)
    return [pair for name, each in own.items() if each for pair in zip(each, states[name], strict=True)]


def group_pairs(runner: Runner, checkpoint: Mapping[str, Any]) -> list[tuple[Group, Group]]:
    """Each group of parameters with its settings, of the checkpoint and of the runner, of all optimizers.

    The last of an optimizer is MMEngine's group without parameters, where there is one.
    """
    wrapper, states = runner.optim_wrapper, checkpoint['optimizer']
    if not isinstance(wrapper, OptimWrapperDict):
        return list(zip(_groups(states), wrapper.param_groups, strict=False))
    known = [(states[name], each) for name, each in wrapper.items() if name in states]
    return [pair for state, each in known for pair in zip(_groups(state), each.param_groups, strict=False)]


def scheduled(group: Group) -> set[str]:
    """The settings of a group that the schedules set; a schedule of the momentum sets the betas of Adam."""
    names = {name for name in group if f'initial_{name}' in group}
    return names | {'betas'} if 'momentum' in names and 'betas' in group else names


def epoch_length(runner: Runner) -> int:
    """Iterations of an epoch; 0 where the training is counted in iterations."""
    return len(runner.train_dataloader) if isinstance(runner.train_loop, EpochBasedTrainLoop) else 0


def _groups(optimizer: Mapping[str, Any]) -> list[Group]:
    base = optimizer.get('base_param_settings')
    return [*optimizer.get('param_groups', ()), *([] if base is None else [base])]
