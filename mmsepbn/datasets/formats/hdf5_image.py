"""Images inside of COFW's files."""

import os
from functools import lru_cache
from pathlib import Path

import cv2
import h5py
import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.formats.hdf5_file import HDF5_ERRORS, check_stored, stored_array
from mmsepbn.datasets.formats.text_file import check_regular


def read_hdf5_image(path: str, index: str) -> NDArray[np.uint8]:
    """The image of a COFW file at ``index`` (0-based) as (H, W, 3) BGR.

    Raises:
        FileNotFoundError: it cannot be read, or is not a gray or RGB image of uint8; the message names it.
    """
    try:
        cells = _cells(path, os.getpid())
        stored = _pixels(cells.file[cells[0, _place(index)]])
    except HDF5_ERRORS as error:
        reason = ' '.join(str(error).split()).rstrip('.')
        raise FileNotFoundError(f'The image {path}#{index} cannot be read: {reason}.') from None
    red, green, blue = stored if stored.ndim == 3 else (stored,) * 3
    # Plane by plane: numpy takes 2 to 30 times as long to turn the planes into pixels.
    return np.asarray(cv2.merge([cv2.transpose(plane) for plane in (blue, green, red)]), np.uint8)


@lru_cache(maxsize=4)
def _cells(path: str, process: int) -> h5py.Dataset:
    """References to the images; one handle for each file and process: it must not be shared with forked workers."""
    check_regular(Path(path))
    file = h5py.File(path, 'r', locking=False)
    return stored_array(file, 'IsTr' if 'IsTr' in file else 'IsT')


def _place(index: str) -> int:
    if not index.isdecimal():
        raise ValueError(f'its place must be a number. Got {index!r}')
    return int(index)


def _pixels(array: object) -> NDArray[np.uint8]:
    """MATLAB stores arrays by columns: HDF5 shows (3, W, H) RGB, or (W, H) where the image is gray."""
    if not isinstance(array, h5py.Dataset):
        raise ValueError(f'it must be an array. Got a {type(array).__name__}')
    kind = array.attrs.get('MATLAB_class', b'uint8')  # logical values are stored as uint8 too
    kind = kind.encode() if isinstance(kind, str) else kind  # as h5py writes it
    gray_or_rgb = array.ndim == 2 or (array.ndim == 3 and len(array) == 3)
    if array.dtype != np.uint8 or kind != b'uint8' or not gray_or_rgb or not array.size:
        found = f'{array.dtype} {array.shape}' + ('' if kind == b'uint8' else f' of class {kind!r}')
        raise ValueError(f'it must be gray (W, H) or RGB (3, W, H) of uint8. Got {found}')
    check_stored(array, 'it')
    return array[()]
