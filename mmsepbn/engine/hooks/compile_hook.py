"""The backbone compiled by torch."""

from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmsepbn.checkpoints.fit import unwrapped
from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class CompileHook(Hook):
    """Train and test with the backbone compiled by ``torch.compile``; results differ by rounding alone.

    MMEngine's ``compile=True`` compiles the whole step, with a graph break at each face's record. The head is not
    compiled: it is small, and the number of faces of a set changes from batch to batch. Checkpoints are as without it.
    The first steps may take a minute: ``custom_hooks=[dict(type='mmsepbn.CompileHook')]``.

    Args:
        settings: arguments of ``torch.compile``, such as ``mode`` and ``backend``.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = settings

    def before_run(self, runner: Runner) -> None:
        """Compile at the first batch."""
        unwrapped(runner.model).get_submodule('backbone').compile(**self.settings)
