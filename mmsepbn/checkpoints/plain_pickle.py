"""Unpickle plain values and numpy arrays, and nothing else."""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

from mmsepbn.checkpoints.plain_numpy import PLAIN_NUMPY


def load_plain_pickle(path: str | Path) -> Any:
    """Numbers, texts, lists, dicts and numpy arrays of a pickle file. Tensors of torch are read as None.

    Raises:
        pickle.UnpicklingError: the file holds other objects, which could run code when loaded; names the first.
        Exception: of any kind, where the file is damaged.
    """
    with Path(path).open('rb') as file:
        return _Unpickler(file).load()


def _left_out(*args: Any) -> None:
    """In place of a tensor and of its storage, whose bytes torch would unpickle in turn."""


def _encoded(text: str, encoding: str) -> bytes:
    """Bytes as pickles of protocol 2 hold them."""
    if encoding != 'latin1':
        raise pickle.UnpicklingError(f'bytes of the encoding {encoding!r}')
    return text.encode('latin1')


_ALLOWED = PLAIN_NUMPY | {
    '_codecs.encode': _encoded,
    'collections.OrderedDict': OrderedDict,
    'torch._utils._rebuild_tensor_v2': _left_out,
    'torch.storage._load_from_bytes': _left_out,
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What a name in the pickle stands for."""
        if f'{module}.{name}' not in _ALLOWED:
            raise pickle.UnpicklingError(f'it holds {module}.{name}, which is neither a plain value nor an array.')
        return _ALLOWED[f'{module}.{name}']
