"""Stage 2 of Cross-protocol Network Training: from many branches to those of the model."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from mmsepbn.compat import CheckpointError
from mmsepbn.registry import HOOKS

_BRANCHES = 'head.branches.'


def branch_names(keys: Iterable[str]) -> list[str]:
    """Names of the branches that the keys of a state dict belong to, sorted."""
    return sorted({key.removeprefix(_BRANCHES).split('.')[0] for key in keys if key.startswith(_BRANCHES)})


def keep_branches(
    state_dict: Mapping[str, Any], protocols: Collection[str], new_branches: bool = False
) -> dict[str, Any]:
    """The state dict without the branches of other protocols; without any branches, unchanged.

    Raises:
        CheckpointError: there are branches, but none of one of ``protocols``, which ``new_branches`` allows; names
            those there are.
    """
    given = branch_names(state_dict)
    if given and not new_branches and (missing := sorted(set(protocols) - set(given))):
        raise CheckpointError(
            f'The checkpoint has branches for {given}, the model for {sorted(protocols)}: {missing} would stay '
            'untrained. Set default_hooks.keep_branch.new_branches=True to start new branches on its backbone.'
        )
    dropped = tuple(f'{_BRANCHES}{name}.' for name in given if name not in protocols)
    return {key: value for key, value in state_dict.items() if not key.startswith(dropped)}


@HOOKS.register_module()
class KeepBranchHook(Hook):
    """Load a stage-1 checkpoint into a network with fewer branches: backbone and the model's own ones (Sec. IV).

    Acts on every checkpoint before it is loaded; one with the model's branches passes unchanged. The backbone, with
    SepBN's routes and attention, is taken whole.

    A checkpoint with several branches is saved without ``dataset_meta``, which can describe one protocol only: MMPose's
    ``init_model`` prefers it to that of the config, so that no other branch could be used.

    Args:
        new_branches: branches that a checkpoint with others lacks start untrained on its backbone; else it is refused.
    """

    priority = 'VERY_HIGH'

    def __init__(self, new_branches: bool = False) -> None:
        self.new_branches = new_branches

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Drop ``dataset_meta`` where there are several branches."""
        if len(branch_names(checkpoint['state_dict'])) > 1:
            checkpoint['meta'].pop('dataset_meta', None)

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Drop the other branches and say what was taken and what was left."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        own = branch_names(model.state_dict())
        before = checkpoint.get('state_dict')
        if not own or before is None:
            return
        checkpoint['state_dict'] = keep_branches(before, own, self.new_branches)
        given = branch_names(before)
        if left := [name for name in given if name not in own]:
            taken = sum(key.startswith('backbone.') for key in before)
            kept = [name for name in own if name in given]
            runner.logger.info(f'KeepBranchHook: took {taken} backbone tensors and the branches {kept}, left {left}.')
