"""MATLAB files of version 7.3, which are HDF5, as COFW uses them."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.text_file import check_regular

MOST_BYTES = 2**28  # of one array; an image of 9000 x 9000 pixels has 243 MB
_MOST_PACKED = 1100  # times; deflate cannot shrink more
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
_SIGNATURE = b'\x89HDF\r\n\x1a\n'
# What h5py raises for damaged files, besides its own.
HDF5_ERRORS = (
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    LookupError,
    ArithmeticError,
    AttributeError,
    MemoryError,
    SystemError,
)


@contextmanager
def open_hdf5(path: Path) -> Iterator[h5py.File]:
    """An HDF5 file, opened for reading without locks: another process may hold one, and network disks lack them.

    Raises:
        AnnotationError: it is not HDF5, or something within the block cannot be read; names the file.
    """
    check_regular(path)
    try:
        with h5py.File(path, 'r', locking=False) as file:
            yield file
    except AnnotationError:
        raise
    except HDF5_ERRORS as error:
        raise AnnotationError(f'{path} {hdf5_fault(path, error)}.') from None


def hdf5_fault(path: Path, error: Exception) -> str:
    """The problem of an unreadable file."""
    reason = ' '.join(str(error).split())
    with path.open('rb') as file:
        is_hdf5 = _SIGNATURE in file.read(4096)  # MATLAB has 512 bytes of text before it
    if not is_hdf5:
        return f'must be a MATLAB v7.3 (HDF5) file: {reason}'
    if 'lock' in reason:
        reason += '; with HDF5_USE_FILE_LOCKING=FALSE in the environment it is read while another process holds it'
    return f'cannot be read: {reason}'


def stored_array(group: h5py.Group, key: str) -> h5py.Dataset:
    """The array ``key`` of a group, which is safe to read: its bytes lie in this file and bear out its size.

    Raises:
        AnnotationError: a link to elsewhere, a virtual or external array, unknown filters, or a size beyond what is
            stored or sane.
    """
    source, links = f'{group.file.filename}: {key!r}', group.id.links
    if not links.exists(key.encode()):
        raise AnnotationError(f'{group.file.filename} must hold {key!r}. It holds {sorted(group)[:10]}.')
    if links.get_info(key.encode()).type != h5py.h5l.TYPE_HARD:
        raise AnnotationError(f'{source} must be an array of this file. Got a link to elsewhere.')
    array = group[key]
    if not isinstance(array, h5py.Dataset):
        raise AnnotationError(f'{source} must be an array. Got a {type(array).__name__}.')
    check_stored(array, source)
    return array


def check_stored(array: h5py.Dataset, source: str) -> None:
    """Raise AnnotationError unless reading ``array`` takes no other file, no plugin, and no memory beyond its size."""
    layout = array.id.get_create_plist()
    if layout.get_layout() == h5py.h5d.VIRTUAL or layout.get_external_count():
        raise AnnotationError(f'{source} must be stored in this file. Got a virtual or external array.')
    filters = {layout.get_filter(index)[0] for index in range(layout.get_nfilters())}
    if not filters <= _FILTERS:
        raise AnnotationError(f'{source} must be packed by gzip or not at all. Got the HDF5 filters {sorted(filters)}.')
    declared = max(math.prod(array.shape or ()), math.prod(array.chunks or ())) * array.dtype.itemsize
    most = array.id.get_storage_size() * (_MOST_PACKED if filters else 1)
    if array.shape is None or (math.prod(array.shape) and declared > min(most, MOST_BYTES)):
        raise AnnotationError(
            f'{source} has shape {array.shape}, {declared} bytes, of which its file holds '
            f'{array.id.get_storage_size()}; at most {MOST_BYTES} are read.'
        )
