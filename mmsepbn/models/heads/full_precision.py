"""Exclude heads from automatic mixed precision."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.utils._pytree import tree_flatten, tree_map


@contextmanager
def full_precision(head: nn.Module, feats: Any) -> Iterator[Any]:
    """Feature maps, nested in lists and tuples, in the dtype of the head's weights; AMP is off within the block."""
    dtype = next((parameter.dtype for parameter in head.parameters()), torch.float32)
    with torch.autocast(device_type=tree_flatten(feats)[0][0].device.type, enabled=False):
        yield tree_map(lambda feat: feat.to(dtype), feats)
