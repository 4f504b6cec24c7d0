"""The averaged networks of a training."""

from mmengine.hooks import EMAHook
from mmengine.model import BaseAveragedModel
from mmengine.runner import Runner


def averages_of(runner: Runner) -> list[BaseAveragedModel]:
    """Those of its EMAHooks."""
    return [hook.ema_model for hook in runner.hooks if isinstance(hook, EMAHook)]
