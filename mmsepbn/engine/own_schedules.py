"""Resume a training with the schedules of its config instead of those of its checkpoint."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.optim import _ParamScheduler
from mmengine.runner import Runner

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.engine.epoch_progress import batches_done
from mmsepbn.engine.hooks.epoch_seed_hook import EpochSeedHook
from mmsepbn.engine.resumed_state import epoch_length, group_pairs, schedule_pairs, scheduled


def advance_own_schedules(runner: Runner, checkpoint: Mapping[str, Any]) -> None:
    """Put into the checkpoint where the config's schedules would be by now, and the rates that they would have set.

    In a training by epochs that is where a whole training with the config would be in this epoch, also where the
    epochs of the checkpoint had another length, or one was begun again; then a warning says so.

    Raises:
        CheckpointError: a schedule depends on results, which are not stored.
    """
    pairs = schedule_pairs(runner, checkpoint)
    own = [schedule for schedule, _ in pairs]
    _require_known(own)
    epoch, iteration = checkpoint['meta']['epoch'], checkpoint['meta']['iter']
    length = epoch_length(runner)
    steps = epoch * length + _done(runner, checkpoint, length) if length else iteration
    if steps != iteration and any(not schedule.by_epoch for schedule in own):
        runner.logger.warning(
            f'The schedules by iterations continue from {steps}, where a full training with {length} iterations per '
            f'epoch would be in epoch {epoch}. The resumed run has done {iteration}.'
        )
    _advance(own, steps, epoch, length)
    for schedule, state in pairs:
        state.update(schedule.state_dict())
    for theirs, ours in group_pairs(runner, checkpoint):
        names = scheduled(ours)
        theirs.update({name: value for name, value in ours.items() if name.removeprefix('initial_') in names})


def _require_known(schedules: Sequence[_ParamScheduler]) -> None:
    for schedule in schedules:
        if getattr(schedule, 'need_val_args', False):
            raise CheckpointError(
                f'A resumed training cannot continue with the {type(schedule).__name__} of the config: it depends on '
                'results. Leave out --scale-schedule.'
            )


def _done(runner: Runner, checkpoint: Mapping[str, Any], length: int) -> int:
    """Batches of the current epoch that the training will skip; without EpochSeedHook MMEngine repeats all."""
    if not any(isinstance(hook, EpochSeedHook) for hook in runner.hooks):
        return 0
    meta, info = checkpoint['meta'], checkpoint['message_hub'].get('runtime_info', {})
    return batches_done(info, meta['epoch'], meta['iter'], length)


def _advance(schedules: Sequence[_ParamScheduler], steps: int, epochs: int, length: int) -> None:
    """Step the schedules as in ``steps`` iterations, with the end of an epoch after every ``length``, ``epochs`` times.

    An epoch whose batches are all done has not ended yet where the training was stopped between the two.
    """
    for step in range(1, steps + 1):
        ends = length > 0 and step % length == 0 and step <= epochs * length
        for schedule in schedules:
            schedule.optimizer._global_step = 0  # else MMEngine misses a step of the optimizer
            if ends or not schedule.by_epoch:
                schedule.step()
