"""The optimizers of a training."""

from mmengine.optim import OptimWrapperDict
from mmengine.runner import Runner
from torch.optim import Optimizer


def optimizers_of(runner: Runner) -> list[Optimizer]:
    """One, or those of several wrappers; none where nothing is trained."""
    wrapper = getattr(runner, 'optim_wrapper', None)
    wrappers = wrapper.values() if isinstance(wrapper, OptimWrapperDict) else [wrapper]
    return [each.optimizer for each in wrappers if isinstance(getattr(each, 'optimizer', None), Optimizer)]
