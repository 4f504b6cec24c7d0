"""Mixed precision without a loss scale."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmengine.optim import OptimWrapper
from torch import nn

from mmsepbn.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Trains with a forward pass in bfloat16 on any device, such as a CPU; MMEngine's AmpOptimWrapper needs a GPU.

    bfloat16 reaches as far as float32, so the loss is not scaled. Weights, gradients and checkpoints are float32, as is
    testing. Whether it is faster depends on network and processor, see docs/performance.md.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """The forward pass of a step."""
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(device, torch.bfloat16):
            yield
