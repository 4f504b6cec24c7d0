"""Exclude heads from automatic mixed precision."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


@contextmanager
def full_precision(head: nn.Module, feats: Any) -> Iterator[Any]:
    """Feature maps, nested in lists and tuples, in the dtype of the head's weights; AMP is off within the block."""
    dtype = next((parameter.dtype for parameter in head.parameters()), torch.float32)
    with torch.autocast(device_type=_first(feats).device.type, enabled=False):
        yield _cast(feats, dtype)


def _cast(feats: Any, dtype: torch.dtype) -> Any:
    if isinstance(feats, Tensor):
        return feats.to(dtype)
    cast = (_cast(feat, dtype) for feat in feats)
    return type(feats)(*cast) if hasattr(feats, '_fields') else type(feats)(cast)  # a namedtuple takes them one by one


def _first(feats: Any) -> Tensor:
    return feats if isinstance(feats, Tensor) else _first(feats[0])
