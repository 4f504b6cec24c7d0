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
    return feats.to(dtype) if isinstance(feats, Tensor) else type(feats)(_cast(feat, dtype) for feat in feats)


def _first(feats: Any) -> Tensor:
    return feats if isinstance(feats, Tensor) else _first(feats[0])
