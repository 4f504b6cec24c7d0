"""Reading a picture from an image file, or from inside a COFW file."""

import os
from functools import lru_cache

import cv2
import h5py
import numpy as np
from numpy.typing import NDArray

_MARK = '.mat#'


def mat_image(path: str, index: int) -> str:
    """The name of picture ``index`` (0-based) inside a COFW file, as :func:`read_image` takes it."""
    return f'{path}#{index}'


def is_mat_image(path: str) -> bool:
    """Whether the name stands for a picture inside a COFW file."""
    return _MARK in path


def file_of(path: str) -> str:
    """The file that holds the picture."""
    return path.rpartition('#')[0] if is_mat_image(path) else path


def read_image(path: str) -> NDArray[np.uint8]:
    """A picture as (H, W, 3) BGR. Gray pictures get three equal channels.

    Raises:
        FileNotFoundError: it cannot be read; the message names it.
    """
    image = _read_mat(path) if is_mat_image(path) else cv2.imread(path, cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f'The picture {path} cannot be read.')
    return np.asarray(image, np.uint8)


def _read_mat(path: str) -> NDArray[np.uint8]:
    """MATLAB stores arrays by columns: HDF5 shows (3, W, H) RGB, or (W, H) where the picture is gray."""
    file, _, index = path.rpartition('#')
    try:
        handle = _open(file, os.getpid())
        references = handle['IsTr' if 'IsTr' in handle else 'IsT']
        pixels = np.transpose(handle[references[0, int(index)]][()])
    except (OSError, KeyError, IndexError, ValueError) as error:
        raise FileNotFoundError(f'The picture {path} cannot be read: {error}.') from None
    rgb = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels
    return np.ascontiguousarray(rgb[..., ::-1])


@lru_cache(maxsize=4)
def _open(path: str, process: int) -> h5py.File:
    """One handle for each file and process: a handle must not be shared with forked workers."""
    return h5py.File(path, 'r')
