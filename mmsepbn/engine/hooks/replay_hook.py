"""The teacher of a stage 2 with replay: the checkpoint that the training started from."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import CheckpointLoader, Runner

from mmsepbn.checkpoints.branches import branch_names, keep_branches
from mmsepbn.checkpoints.digest import weights_sha256
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import state_of, unwrapped
from mmsepbn.engine.run_kind import is_fine_tuning, is_resumed
from mmsepbn.models.estimators.replay_estimator import ReplayEstimator
from mmsepbn.registry import HOOKS

_KEY = 'replay'

Origin = dict[str, Any]  # load_from, branches, weights_sha256


@HOOKS.register_module()
class ReplayHook(Hook):
    """Give a :class:`ReplayEstimator` its teacher: the weights of ``load_from``, with the branches that both have.

    Checkpoints of the training contain the teacher's path and checksum, not its weights; a resumed training reads it
    again. Acts after KeepBranchHook.

    Raises:
        CheckpointError: no ``load_from``, one without a branch to replay, or, where a training is resumed, a teacher
            that is missing or another than before.
    """

    priority = 'HIGH'

    def __init__(self) -> None:
        self._origin: Origin | None = None

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Set the teacher where a training starts from the checkpoint or is resumed from it."""
        if is_fine_tuning(runner):
            self._origin = _teach(runner, str(runner._load_from), checkpoint)
        elif is_resumed(runner):
            self._origin = _teach_again(runner, checkpoint.get(_KEY))

    def before_train(self, runner: Runner) -> None:
        """Refuse a training without a teacher."""
        if self._origin is None:
            raise CheckpointError(
                'ReplayHook needs load_from=, the checkpoint of stage 1, whose predictions it replays. Got None.'
            )

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Note where the teacher comes from."""
        checkpoint[_KEY] = self._origin


def _teach(
    runner: Runner, address: str, checkpoint: Mapping[str, Any], branches: Sequence[str] | None = None
) -> Origin:
    """Set the teacher from the checkpoint at ``address``, with all of its branches or the named ones."""
    model = unwrapped(runner.model)
    if not isinstance(model, ReplayEstimator):
        raise CheckpointError(f"ReplayHook needs model.type='mmsepbn.ReplayEstimator'. Got {type(model).__name__}.")
    own = list(model.head.branches)
    state = state_of(checkpoint, model)
    known = [name for name in own if name in branch_names(state) and (branches is None or name in branches)]
    if not known or len(own) == 1:
        raise CheckpointError(
            'ReplayHook needs branches of other protocols than the one that is trained, in model.head.protocols and in '
            f'the checkpoint. Got {own} and {branch_names(state)}.'
        )
    kept = keep_branches(state, known)
    model.set_teacher(kept)
    runner.logger.info(f'ReplayHook: predictions of {address} for {known} are targets too.')
    return dict(load_from=address, branches=known, weights_sha256=weights_sha256(kept))


def _teach_again(runner: Runner, origin: Any) -> Origin:
    """Set the teacher of the resumed training."""
    if not isinstance(origin, dict) or set(origin) != {'load_from', 'branches', 'weights_sha256'}:
        raise CheckpointError('The checkpoint cannot be resumed with ReplayHook: it was trained without it.')
    address = origin['load_from']
    try:
        stage_1 = CheckpointLoader.load_checkpoint(address, map_location='cpu')
    except FileNotFoundError:
        raise CheckpointError(
            f'The checkpoint cannot be resumed: {address}, the checkpoint of stage 1 that ReplayHook replays, does not '
            'exist.'
        ) from None
    found = _teach(runner, address, stage_1, origin['branches'])
    if found != origin:
        raise CheckpointError(
            f'The checkpoint cannot be resumed: {address}, which ReplayHook replays, holds other weights than when the '
            'training began.'
        )
    return found
