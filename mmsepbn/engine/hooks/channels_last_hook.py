"""Convolutions over channels-last maps."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Train and test with weights in torch's channels-last memory format; results differ only by rounding.

    Torch's convolutions give maps in the format of their weights, so images need no change. On CPUs, and on GPUs under
    AMP, many networks are quicker that way; measure yours: ``custom_hooks=[dict(type='mmsepbn.ChannelsLastHook')]``.
    Checkpoints are the same as without it.
    """

    priority = 'VERY_HIGH'

    def before_run(self, runner: Runner) -> None:
        """Convert the weights, before an EMA copies them."""
        runner.model.to(memory_format=torch.channels_last)
