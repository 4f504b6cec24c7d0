"""What a run is for: to test, to train anew, or to go on with a training."""

from mmengine.optim import BaseOptimWrapper
from mmengine.runner import BaseLoop, Runner


def is_resumed(runner: Runner) -> bool:
    """Whether a run goes on with the training of its checkpoint."""
    return getattr(runner, '_resume', False)


def is_fine_tuning(runner: Runner) -> bool:
    """Whether a checkpoint only starts a new training: neither tested nor resumed."""
    built = dict(_train_loop=BaseLoop, optim_wrapper=BaseOptimWrapper)  # EarlyStoppingHook has a test build the loop
    return all(isinstance(getattr(runner, name, None), kind) for name, kind in built.items()) and not is_resumed(runner)
