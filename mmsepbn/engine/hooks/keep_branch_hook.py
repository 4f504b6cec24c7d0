"""Stage 2 of Cross-protocol Network Training: from many branches to one."""

from collections.abc import Mapping
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmsepbn.compat import CheckpointError
from mmsepbn.registry import HOOKS

_BRANCHES = 'head.branches.'


def keep_branch(state_dict: Mapping[str, Any], protocol: str) -> dict[str, Any]:
    """Weights of the backbone and of one branch, which becomes ``head``; what has no branches is returned as it is.

    Raises:
        CheckpointError: there are branches, but none of ``protocol``; names those there are.
    """
    names = sorted({key.removeprefix(_BRANCHES).split('.')[0] for key in state_dict if key.startswith(_BRANCHES)})
    if not names:
        return dict(state_dict)
    if protocol not in names:
        raise CheckpointError(f'keep_branch(protocol=): the checkpoint has branches for {names}. Got {protocol!r}.')
    own = f'{_BRANCHES}{protocol}.'
    kept = {key: value for key, value in state_dict.items() if not key.startswith(_BRANCHES)}
    return kept | {f'head.{key.removeprefix(own)}': v for key, v in state_dict.items() if key.startswith(own)}


@HOOKS.register_module()
class KeepBranchHook(Hook):
    """Load a stage-1 checkpoint into a network with one head: backbone and the branch of ``protocol`` (Sec. IV).

    Acts before any checkpoint is loaded; one without branches, a stage-2 checkpoint, passes unchanged. The backbone,
    with SepBN's routes and attention, is taken whole.
    """

    priority = 'VERY_HIGH'

    def __init__(self, protocol: str) -> None:
        self.protocol = protocol

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Rewrite ``state_dict`` and say what was taken and what was left."""
        before = checkpoint['state_dict']
        checkpoint['state_dict'] = keep_branch(before, self.protocol)
        left = sorted({key.split('.')[2] for key in before if key.startswith(_BRANCHES)} - {self.protocol})
        if len(before) > len(checkpoint['state_dict']) or left:
            taken = sum(key.startswith('backbone.') for key in before)
            runner.logger.info(
                f'KeepBranchHook: took {taken} backbone tensors and the branch {self.protocol!r}, left branches {left}.'
            )
