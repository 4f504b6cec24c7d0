"""Convolutions over channels-last maps."""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from mmsepbn.config_walk import hooks_of_kind
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


def use_memory_format(model: nn.Module, config: Mapping[str, Any]) -> None:
    """Convert the weights of a model already where the config's ChannelsLastHook will."""
    if hooks_of_kind(config, ChannelsLastHook.__name__):
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
