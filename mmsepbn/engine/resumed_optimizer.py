"""Whether a resumed training has the optimizer of its checkpoint."""

from collections.abc import Mapping
from typing import Any

from mmengine.runner import Runner

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.trained_config import trained_config
from mmsepbn.engine.optimizers import wrappers_of
from mmsepbn.listing import shortened
from mmsepbn.type_name import type_name

Sizes = dict[str, list[int]]  # parameters in each group of each optimizer, see by_optimizer


def require_optimizer(runner: Runner, checkpoint: Mapping[str, Any]) -> None:
    """Refuse a checkpoint of other optimizers, or of the same with other groups of parameters.

    Args:
        runner: whose optimizers are built.
        checkpoint: of a training.

    Raises:
        CheckpointError: names both. Types of optimizers are known where both configs are.
    """
    states = checkpoint['optimizer']
    states = {'': states} if 'param_groups' in states else states
    theirs = {name: _sizes(state.get('param_groups', ())) for name, state in states.items()}
    ours = {name: _sizes(wrapper.optimizer.param_groups) for name, wrapper in wrappers_of(runner).items()}
    our_types, their_types = _types(runner.cfg), _types(trained_config(checkpoint) or {})
    known = bool(our_types and their_types)
    if ours != theirs or (known and our_types != their_types):
        own, given = (
            _words(sizes, types if known else {}) for sizes, types in ((ours, our_types), (theirs, their_types))
        )
        raise CheckpointError(
            f'The checkpoint cannot be resumed: the config has {own}, the checkpoint {given}. Start a new training '
            'from it with load_from.'
        )


def _sizes(groups: Any) -> list[int]:
    return [len(group['params']) for group in groups]


def _types(config: Mapping[str, Any]) -> dict[str, str]:
    """The types of the optimizers of a config by name, of a single one by ''; empty where they are not given."""
    wrapper = config.get('optim_wrapper')
    if not isinstance(wrapper, Mapping):
        return {}
    wrappers = {'': wrapper} if 'optimizer' in wrapper else wrapper
    optimizers = {name: each.get('optimizer') for name, each in wrappers.items() if isinstance(each, Mapping)}
    return {name: type_name(each['type']) for name, each in optimizers.items() if isinstance(each, Mapping)}


def _words(sizes: Sizes, types: Mapping[str, str]) -> str:
    words = [
        f'{types.get(name, "an optimizer")}{name and f" named {name}"} with groups of '
        f'{shortened([str(size) for size in each], ", ")} parameters'
        for name, each in sizes.items()
    ]
    return ' and '.join(words) or 'none'
