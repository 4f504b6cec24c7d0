"""The optimizers of a training."""

from mmengine.optim import OptimWrapper, OptimWrapperDict
from mmengine.runner import Runner
from torch.optim import Optimizer


def wrappers_of(runner: Runner) -> dict[str, OptimWrapper]:
    """Those of several optimizers by name; a single one, which has none, by ''; none where nothing is trained."""
    wrapper = getattr(runner, 'optim_wrapper', None)
    wrappers = dict(wrapper.items()) if isinstance(wrapper, OptimWrapperDict) else {'': wrapper}
    return {name: each for name, each in wrappers.items() if isinstance(getattr(each, 'optimizer', None), Optimizer)}
