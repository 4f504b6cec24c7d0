"""Send batches from a loader's worker in few pieces, not in one piece per tensor of each sample.

PyTorch hands every tensor over as a file of its own, with a connection for each: three for a face. In training a small
network that was a sixth of the main process's time.
"""

import io
import pickle
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, get_worker_info

_LARGE = 1 << 16  # bytes from which memory is shared, not copied through a pipe
_DTYPES = {torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64}
_DTYPES |= {torch.float16, torch.bfloat16, torch.float32, torch.float64}


def pack_batches(loader: DataLoader) -> None:
    """Let batches of MMEngine's ``pseudo_collate`` travel in few pieces; they arrive as they would otherwise.

    A loader with another collate function is not changed. Call it before the workers start.
    """
    collate = loader.collate_fn
    if isinstance(collate, partial) and not (collate.args or collate.keywords):
        collate = collate.func
    if collate is pseudo_collate:
        loader.collate_fn = packed_collate


def packed_collate(samples: Sequence[Any]) -> Any:
    """What ``pseudo_collate`` returns; a worker packs a dict with images of one size under ``inputs``."""
    batch = pseudo_collate(samples)
    images = batch.get('inputs') if type(batch) is dict else None
    if get_worker_info() is None or not (isinstance(images, list) and all(map(_plain, images))):
        return batch
    return _Packed(batch) if len({(image.shape, image.dtype) for image in images}) == 1 else batch


def _plain(value: Any) -> bool:
    """Whether a value is a tensor that is all in its array."""
    if type(value) is not Tensor or value.requires_grad or value.layout is not torch.strided:
        return False
    return value.device.type == 'cpu' and value.dtype in _DTYPES and not value.is_conj() and not value.is_neg()


class _Packed:
    """A batch as one tensor of all images, the other tensors that are left to torch, and the rest as bytes.

    Packed here and not when it is pickled, where an error would be lost and the reader wait for ever.
    """

    def __init__(self, batch: dict[str, Any]) -> None:
        stream = io.BytesIO()
        pickler = _ArrayPickler(stream)
        pickler.dump({**batch, 'inputs': None})
        self._parts = torch.stack(batch['inputs']), pickler.left, stream.getvalue()

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpack, self._parts


class _ArrayPickler(pickle.Pickler):
    """Pickles small tensors as arrays, which is read forty times faster than what torch makes of them.

    Large ones, such as heat maps, are left to torch, which shares their memory, and so are those that are no arrays.
    """

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream, protocol=pickle.HIGHEST_PROTOCOL)
        self.left: list[Tensor] = []

    def persistent_id(self, value: Any) -> int | None:
        if not isinstance(value, Tensor) or (_plain(value) and value.nbytes < _LARGE):
            return None
        self.left.append(value)
        return len(self.left) - 1

    def reducer_override(self, value: Any) -> Any:
        if not isinstance(value, Tensor):
            return NotImplemented
        if value.dtype == torch.bfloat16:  # which numpy does not know
            return _bfloat16, (value.view(torch.int16).numpy(),)
        return torch.from_numpy, (value.numpy(),)


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, left: list[Tensor]) -> None:
        super().__init__(stream)
        self._left = left

    def persistent_load(self, pid: int) -> Tensor:
        return self._left[pid]


def _bfloat16(bits: NDArray[np.int16]) -> Tensor:
    return torch.from_numpy(bits).view(torch.bfloat16)


def _unpack(images: Tensor, left: list[Tensor], rest: bytes) -> dict[str, Any]:
    return {**_Unpickler(io.BytesIO(rest), left).load(), 'inputs': list(images)}
