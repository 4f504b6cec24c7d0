"""What a run is for: to test, to train anew, or to go on with a training."""

from mmengine.runner import BaseLoop, Runner


def is_resumed(runner: Runner) -> bool:
    """Whether a run goes on with the training of its checkpoint."""
    return getattr(runner, '_resume', False)


def is_fine_tuning(runner: Runner) -> bool:
    """Whether a checkpoint only starts a new training: neither tested nor resumed."""
    return isinstance(getattr(runner, '_train_loop', None), BaseLoop) and not is_resumed(runner)
