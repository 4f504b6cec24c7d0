"""Testing with exactly the weights of a checkpoint."""

from collections.abc import Mapping
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from mmsepbn.compat import CheckpointError
from mmsepbn.listing import shortened
from mmsepbn.registry import HOOKS


def require_exact(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> None:
    """Compare names and shapes of two state dicts; CheckpointError lists the first that differ."""
    wrong = [f'{name} is missing' for name in own if name not in given]
    wrong += [f'{name} is not in the model' for name in given if name not in own]
    wrong += [
        f'{name} is {tuple(given[name].shape)} instead of {tuple(value.shape)}'
        for name, value in own.items()
        if name in given and given[name].shape != value.shape
    ]
    if wrong:
        raise CheckpointError(
            f'The checkpoint does not fit the model, {len(wrong)} tensors differ:\n  {shortened(wrong)}'
        )


@HOOKS.register_module()
class ExactCheckpointHook(Hook):
    """Refuse a checkpoint that does not fit the model, tensor by tensor; tools/test.py adds it.

    MMEngine loads what fits and leaves the rest as initialized, so a wrong pair of config and checkpoint would yield
    a table of an untrained network. Acts after hooks that rewrite the checkpoint.
    """

    priority = 'VERY_LOW'

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict[str, Any]) -> None:
        """Refuse what differs from the model."""
        require_exact(runner.model.state_dict(), checkpoint.get('state_dict', checkpoint))
