"""Test and resume with exactly the weights of a checkpoint."""

from typing import Any

from mmengine.hooks import EMAHook, Hook
from mmengine.runner import Runner

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import require_exact, require_finite, state_of, unwrapped, widened
from mmsepbn.checkpoints.last_checkpoint import require_training_state
from mmsepbn.engine.own_schedules import advance_own_schedules
from mmsepbn.engine.resumed_optimizer import require_optimizer
from mmsepbn.engine.resumed_schedules import other_optimizer, other_schedules
from mmsepbn.engine.resumed_state import by_optimizer
from mmsepbn.engine.run_kind import is_fine_tuning, is_resumed
from mmsepbn.registry import HOOKS

_AVERAGE = 'module.'  # what EMAHook puts before the names of averaged weights


@HOOKS.register_module()
class ExactCheckpointHook(Hook):
    """Refuse a checkpoint that does not fit the model, tensor by tensor, where it is tested or resumed.

    MMEngine loads what fits and leaves the rest as initialized, so a wrong pair of config and checkpoint would yield
    a table of an untrained network. To resume, the averaged weights, the optimizer and the schedules have to fit too.
    Acts after KeepBranchHook and before EMAHook. Checkpoints that start a new training are handled by KeepBranchHook.

    A resumed training continues with the schedules and the optimizer of its checkpoint; if the config has others, or
    another length, a warning is logged.

    Args:
        own_schedules: continue with the schedules of the config instead, from where they would be by now, as
            ``tools/train.py --resume --scale-schedule`` does.

    Raises:
        CheckpointError: the first tensors that differ, or the part of the training's state that is missing or another.
    """

    priority = 'HIGH'

    def __init__(self, own_schedules: bool = False) -> None:
        self.own_schedules = own_schedules

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Refuse a checkpoint that differs from the model; only the first of several such hooks of a runner acts."""
        hooks = [hook for hook in getattr(runner, 'hooks', ()) if isinstance(hook, ExactCheckpointHook)]
        if is_fine_tuning(runner) or (hooks and hooks[0] is not self):
            return
        model = unwrapped(runner.model)
        own = model.state_dict()
        resumed = is_resumed(runner)
        if resumed:  # of published weights, in half precision, every tensor differs
            require_training_state(checkpoint)
        state = state_of(checkpoint, model)
        checkpoint['state_dict'] = state if resumed else widened(own, state)
        require_exact(own, checkpoint['state_dict'])
        if resumed:
            self._require_average(runner, checkpoint)
            require_finite(checkpoint['optimizer'], 'optimizer')
            require_optimizer(runner, checkpoint)
            self._require_schedules(runner, checkpoint.get('param_schedulers'))
            self._settle_schedules(runner, checkpoint)

    def _settle_schedules(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        if self.own_schedules:
            advance_own_schedules(runner, checkpoint)
        elif said := other_schedules(runner, checkpoint):
            runner.logger.warning(said)
        if said := other_optimizer(runner, checkpoint):
            runner.logger.warning(said)

    @staticmethod
    def _require_average(runner: Runner, checkpoint: dict[str, Any]) -> None:
        average = checkpoint.get('ema_state_dict')
        if average is None:
            return
        if not any(isinstance(hook, EMAHook) for hook in runner.hooks):
            raise CheckpointError(
                'The checkpoint holds averaged weights in place of the trained ones; only a config with EMAHook '
                'can resume it.'
            )
        weights = {name.removeprefix(_AVERAGE): value for name, value in average.items() if name.startswith(_AVERAGE)}
        require_exact(checkpoint['state_dict'], weights)

    @staticmethod
    def _require_schedules(runner: Runner, given: Any) -> None:
        if runner.param_schedulers is None:
            return
        own, states = by_optimizer(runner.param_schedulers), by_optimizer(given)
        expected = {name: [set(schedule.state_dict()) for schedule in each] for name, each in own.items()}
        listed = given is not None and all(isinstance(each, list) for each in states.values())
        if not listed or {name: [set(state) for state in each] for name, each in states.items()} != expected:
            raise CheckpointError(
                f'The checkpoint cannot be resumed: the config has {_count(own)}, the checkpoint '
                f'{_count(states) or "none" if listed else "none"}, or of other kinds.'
            )


def _count(schedules: dict[str, Any]) -> str:
    """How many parameter schedules there are, of each optimizer that has a name."""
    counts = [f'{len(each)} parameter schedules{f" of {name}" if name else ""}' for name, each in schedules.items()]
    return ' and '.join(counts)
