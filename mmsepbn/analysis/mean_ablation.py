"""How much a trained network depends on routing: the same network with an attention that ignores its input."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mmsepbn.analysis.observe import attention_layers


@contextmanager
def mean_ablated(model: nn.Module, weights: Mapping[str, NDArray[np.floating]]) -> Iterator[None]:
    """Within the block every layer weighs its routes for all faces by the mean of ``weights`` over faces.

    Args:
        model: a network with attention.
        weights: layer -> (N, K, G), as :func:`observe` finds them.

    Raises:
        KeyError: a layer with attention is not among ``weights``.
    """
    with ExitStack() as stack:
        for name, layer in attention_layers(model).items():
            vars(layer)['attention'] = _constant(weights[name].mean(axis=0, dtype=np.float64))  # hides the class's
            stack.callback(vars(layer).pop, 'attention')
        yield


def _constant(weights: NDArray[np.float64]) -> Callable[[Tensor], Tensor]:
    """In place of a layer's ``attention``: the same weights (K, G) for every face."""
    mean = torch.from_numpy(weights).float()
    return lambda x: mean.to(x.device).expand(len(x), -1, -1)
