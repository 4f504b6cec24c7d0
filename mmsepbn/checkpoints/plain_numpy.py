"""Stand-ins that unpickle numpy arrays of plain numbers and nothing else.

numpy's own unpickling trusts the pickle: a forged dtype state turns bytes into object pointers. These take the place
of numpy's constructors while a checkpoint is loaded.
"""

import math
import pickle
from typing import Any

import numpy as np

_KINDS = frozenset({'b1', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8'})


class PlainDtype:
    """A dtype of plain numbers in native byte order; its pickled state is checked and not used."""

    def __init__(self, kind: str, *args: Any) -> None:
        if kind not in _KINDS:
            raise pickle.UnpicklingError(f'numpy dtype {kind!r} is not a plain number')
        self.dtype = np.dtype(kind)

    def __setstate__(self, state: tuple) -> None:
        if state[1] not in ('<', '=', '|') or any(part is not None for part in state[2:5]):
            raise pickle.UnpicklingError(f'numpy dtype state {state!r} is not that of a plain number')


class PlainArray(np.ndarray):
    """An array whose pickled state holds plain numbers of the right size. Pickles as an ordinary array."""

    def __setstate__(self, state: tuple) -> None:
        version, shape, dtype, fortran, data = state
        if not isinstance(dtype, PlainDtype) or not isinstance(data, bytes):
            raise pickle.UnpicklingError('numpy array state is not that of plain numbers')
        if len(data) != math.prod(shape) * dtype.dtype.itemsize:
            raise pickle.UnpicklingError(f'numpy array of shape {shape} cannot hold {len(data)} bytes')
        super().__setstate__((version, shape, dtype.dtype, fortran, data))

    def __reduce__(self) -> Any:
        return np.asarray(self).view(np.ndarray).__reduce__()


def plain_array(*args: Any) -> PlainArray:
    """An empty array that its state then fills; stands in for numpy's ``_reconstruct``."""
    return PlainArray((0,), np.int8)


def plain_scalar(dtype: Any, data: Any) -> Any:
    """A number from its bytes; stands in for numpy's ``scalar``."""
    if not isinstance(dtype, PlainDtype) or not isinstance(data, bytes) or len(data) != dtype.dtype.itemsize:
        raise pickle.UnpicklingError('numpy scalar is not a plain number')
    return np.frombuffer(data, dtype.dtype)[0]


def no_bytes() -> bytes:
    """The bytes of an empty array, which pickles of protocol 2 write as a call without arguments."""
    return b''


# By the names that pickles have for them.
PLAIN_NUMPY: dict[str, Any] = {
    'numpy.ndarray': PlainArray,
    'numpy.dtype': PlainDtype,
    'builtins.bytes': no_bytes,
    **{f'{core}._reconstruct': plain_array for core in ('numpy.core.multiarray', 'numpy._core.multiarray')},
    **{f'{core}.scalar': plain_scalar for core in ('numpy.core.multiarray', 'numpy._core.multiarray')},
}
