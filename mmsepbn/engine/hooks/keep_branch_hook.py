"""Stage 2 of Cross-protocol Network Training: keep only the model's branches of a checkpoint."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import require_exact, require_filled, state_of, unwrapped, widened
from mmsepbn.engine.hooks.exact_checkpoint_hook import is_fine_tuning
from mmsepbn.registry import HOOKS

_HEAD, _BRANCHES = 'head.', 'head.branches.'


def branch_names(keys: Iterable[str]) -> list[str]:
    """Names of the branches that the keys of a state dict belong to, sorted."""
    return sorted({key.removeprefix(_BRANCHES).split('.')[0] for key in keys if key.startswith(_BRANCHES)})


def keep_branches(state_dict: Mapping[str, Any], protocols: Collection[str]) -> dict[str, Any]:
    """The state dict without the branches of other protocols; without any branches, unchanged."""
    dropped = tuple(f'{_BRANCHES}{name}.' for name in branch_names(state_dict) if name not in protocols)
    return {key: value for key, value in state_dict.items() if not key.startswith(dropped)}


def own_branches(
    model: nn.Module, state: Mapping[str, Any], new_branches: bool | Sequence[str] = False, training: bool = False
) -> dict[str, Any]:
    """The weights of a checkpoint without those of branches that the model lacks.

    Args:
        model: the network.
        state: names to tensors, under the network's names.
        new_branches: True: branches may be missing in ``state``. Names: these are dropped too, or may be missing.
        training: whether the weights start a training, in which branches may be new.

    Raises:
        CheckpointError: there are branches, but a required one is missing; names the existing ones, or, where the rest
            of the network does not fit either, the tensors of that.
    """
    own, given = model.state_dict(), branch_names(state)
    kept = set(branch_names(own)) - set(() if isinstance(new_branches, bool) else new_branches)
    if given and new_branches is not True and (missing := sorted(kept - set(given))):
        rest = _without_head(state)
        if training:
            require_filled(model, rest, [_HEAD])
            advice = (
                f'{missing} would stay untrained. Set default_hooks.keep_branch.new_branches=True to start new '
                'branches on its backbone.'
            )
        else:
            require_exact(_without_head(own), widened(own, rest))
            advice = f'use it with a config of {"some of " * (len(given) > 1)}{", ".join(given)}.'
        raise CheckpointError(f'The checkpoint has branches for {given}, the model for {branch_names(own)}: {advice}')
    return keep_branches(state, kept)


def _without_head(state: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if not name.startswith(_HEAD)}


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
            state = _without_head(state)
        checkpoint['state_dict'] = state = own_branches(model, state, new_branches, is_fine_tuning(runner))
        meta = checkpoint.get('meta')
        if getattr(runner, '_resume', False) and len(given) > 1 and isinstance(meta, dict):
            meta.setdefault('dataset_meta', getattr(runner.train_dataloader.dataset, 'metainfo', None))
        left = [name for name in given if name not in own]
        if is_fine_tuning(runner):
            taken = require_filled(model, state, [f'{_BRANCHES}{name}.' for name in new])
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


def require_backbone(model: nn.Module, state: Mapping[str, Any]) -> None:
    """Whether weights to start from fill the backbone of a network without branches; its head may be another.

    Raises:
        CheckpointError: see :func:`require_filled`.
    """
    backbone = getattr(model, 'backbone', None)
    if isinstance(backbone, nn.Module):
        require_filled(
            backbone, {k.removeprefix('backbone.'): v for k, v in state.items() if k.startswith('backbone.')}
        )
