"""What a run is for: to test, to train anew, or to go on with a training."""

from mmengine.optim import BaseOptimWrapper
from mmengine.runner import BaseLoop, Runner


def is_resumed(runner: Runner) -> bool:
    """Whether a run goes on with the training of its checkpoint."""
    return getattr(runner, '_resume', False)


def is_fine_tuning(runner: Runner) -> bool:
    """Whether a checkpoint only starts a new training: neither tested nor resumed."""
    loop, wrapper = getattr(runner, '_train_loop', None), getattr(runner, 'optim_wrapper', None)
    # A test has neither, but EarlyStoppingHook has it build the loop.
    return isinstance(loop, BaseLoop) and isinstance(wrapper, BaseOptimWrapper) and not is_resumed(runner)
