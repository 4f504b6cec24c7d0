"""The branches of a network's head in the state dict of a checkpoint."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from torch import nn

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import require_exact, require_filled, widened

BRANCHES = 'head.branches.'  # what precedes the name of a branch
_HEAD = 'head.'


def branch_names(keys: Iterable[str]) -> list[str]:
    """Names of the branches that the keys of a state dict belong to, sorted."""
    return sorted({key.removeprefix(BRANCHES).split('.')[0] for key in keys if key.startswith(BRANCHES)})


def keep_branches(state_dict: Mapping[str, Any], protocols: Collection[str]) -> dict[str, Any]:
    """The state dict without the branches of other protocols; without any branches, unchanged."""
    dropped = tuple(f'{BRANCHES}{name}.' for name in branch_names(state_dict) if name not in protocols)
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
        rest = without_head(state)
        if training:
            require_filled(model, rest, [_HEAD])
            advice = (
                f'{missing} would stay untrained. Set default_hooks.keep_branch.new_branches=True to start new '
                'branches on its backbone.'
            )
        else:
            require_exact(without_head(own), widened(own, rest))
            advice = f'use it with a config of {"some of " * (len(given) > 1)}{", ".join(given)}.'
        raise CheckpointError(f'The checkpoint has branches for {given}, the model for {branch_names(own)}: {advice}')
    return keep_branches(state, kept)


def without_head(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state dict of the rest of the network."""
    return {name: value for name, value in state.items() if not name.startswith(_HEAD)}


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
