"""Stage 2 of Cross-protocol Network Training: keep only the model's branches of a checkpoint."""

from collections.abc import Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmsepbn.checkpoints.branches import BRANCHES, branch_names, own_branches, require_backbone, without_head
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import require_filled, state_of, unwrapped
from mmsepbn.engine.run_kind import is_fine_tuning, is_resumed
from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class KeepBranchHook(Hook):
    """Load a stage 1 checkpoint into a network with fewer branches: backbone and the model's own ones (Sec. IV).

    Acts on every checkpoint before it is loaded; one with the model's branches passes unchanged. The backbone, with
    SepBN's routes and attention, is taken whole.

    A checkpoint with several branches is saved without ``dataset_meta``, which can describe one protocol only: MMPose's
    ``init_model`` prefers it to that of the config, so that no other branch could be used. A training resumed from it
    finds that of its training set there, as MMEngine warns of any difference.

    Args:
        new_branches: True: branches that a checkpoint with others lacks start untrained on its backbone. Names: these
            start so whether it has them or not. Else a checkpoint that lacks one is refused.

    Raises:
        ValueError: names that are not a list. CheckpointError: a name that is not a branch of the model.
    """

    priority = 'VERY_HIGH'

    def __init__(self, new_branches: bool | Sequence[str] = False) -> None:
        if isinstance(new_branches, str):
            raise ValueError(f'KeepBranchHook(new_branches=) must be a bool or a list of names. Got {new_branches!r}.')
        self.new_branches = new_branches

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Drop ``dataset_meta`` where there are several branches."""
        if len(branch_names(checkpoint['state_dict'])) > 1:
            checkpoint['meta'].pop('dataset_meta', None)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Drop the other branches, refuse weights that do not fill the network, and log what was kept."""
        model = unwrapped(runner.model)
        own = branch_names(model.state_dict())
        if not own:
            if is_fine_tuning(runner):
                require_backbone(model, state_of(checkpoint, model))
            return
        state = state_of(checkpoint, model)
        given = branch_names(state)
        new_branches = self._new_branches(runner, own)
        named = () if isinstance(new_branches, bool) else new_branches
        new = [name for name in own if name not in given or name in named] if new_branches else []
        if new and not given:  # a network of another kind, such as a classifier: its head has no use here
            state = without_head(state)
        checkpoint['state_dict'] = state = own_branches(model, state, new_branches, is_fine_tuning(runner))
        meta = checkpoint.get('meta')
        if is_resumed(runner) and len(given) > 1 and isinstance(meta, dict):
            meta.setdefault('dataset_meta', getattr(runner.train_dataloader.dataset, 'metainfo', None))
        left = [name for name in given if name not in own]
        if is_fine_tuning(runner):
            taken = require_filled(model, state, [f'{BRANCHES}{name}.' for name in new])
            runner.logger.info(f'KeepBranchHook: {taken} tensors of the network come from the checkpoint.')
        if left or new:
            kept = [name for name in own if name in given and name not in new]
            runner.logger.info(f'KeepBranchHook: kept the branches {kept}, dropped {left}, started {new} from scratch.')

    def _new_branches(self, runner: Runner, own: Sequence[str]) -> bool | Sequence[str]:
        """As set; those that have been trained since, where a training is resumed or tested, are no longer new."""
        if isinstance(self.new_branches, bool):
            return self.new_branches
        if unknown := sorted(set(self.new_branches) - set(own)):
            raise CheckpointError(f'KeepBranchHook(new_branches=) must be branches of {list(own)}. Got {unknown}.')
        return self.new_branches if is_fine_tuning(runner) else False
