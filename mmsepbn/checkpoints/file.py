"""Read a checkpoint as data: verified, and without executing anything in it."""

import errno
import os.path as osp
import pickle
import zipfile
from typing import Any

import torch
from mmengine.logging import HistoryBuffer

from mmsepbn.checkpoints.plain_config import LEFT_OUT, is_plain_config, why_not_plain
from mmsepbn.checkpoints.plain_numpy import PLAIN_NUMPY, PlainArray
from mmsepbn.user_error import UserError
from mmsepbn.zoo.resolve import checkpoint_file


class CheckpointError(UserError):
    """A checkpoint that is damaged, unsafe, not what the model needs, or cannot be written; the message names it."""


_STARTS = (b'PK', b'\x80')  # of zip archives and of pickles, what torch wrote before them
_HISTORY_STATISTICS = frozenset({'min', 'max', 'mean', 'current'})


def loads_data_only() -> bool:
    """Whether torch accepts a list of allowed types in a pickle; below 2.6 pickles are loaded unrestricted."""
    return tuple(int(part) for part in torch.__version__.split('.')[:2]) >= (2, 6)


def allow_training_state() -> None:
    """Let ``torch.load(weights_only=True)`` read what MMEngine pickles besides tensors, by name, and nothing else."""
    torch.serialization.add_safe_globals(
        [
            (_history_statistic, 'builtins.getattr'),
            HistoryBuffer,
            PlainArray,
            *((stand_in, name) for name, stand_in in PLAIN_NUMPY.items()),
        ]
    )


def _history_statistic(owner: Any, name: str) -> Any:
    """The one use of ``getattr`` in MMEngine's checkpoints: a statistics method of HistoryBuffer."""
    if owner is not HistoryBuffer or name not in _HISTORY_STATISTICS:
        raise pickle.UnpicklingError(f'getattr({owner!r}, {name!r}) is not part of an MMEngine checkpoint')
    return getattr(owner, name)


def local_file(place: str) -> str:
    """The file of a checkpoint that is named by its path, or by its name in the zoo.

    Raises:
        FileNotFoundError: there is no such file.
        CheckpointError: it does not begin like a checkpoint.
        ZooError: the zoo's file of that name is damaged.
    """
    filename = str(checkpoint_file(osp.expanduser(place)))
    _require_beginning(filename)
    return filename


def load_from_local(filename: str, map_location: Any = None) -> dict[str, Any]:
    """Load a checkpoint file without executing anything in it, now or later; now only as of torch 2.6.

    Entries that MMEngine and MMPose would later run or import as Python are dropped, see :func:`without_code`.

    Args:
        filename: a path, or the name of a network of the zoo.
        map_location: as ``torch.load`` takes it.

    Raises:
        FileNotFoundError: there is no such file.
        CheckpointError: the file is damaged, is no checkpoint, or holds pickled objects that are not part of one.
        ZooError: the zoo's file of that name is damaged.
        OSError, MemoryError, RuntimeError: it cannot be read, or does not fit into memory; it may still be intact.
    """
    filename = local_file(filename)
    try:
        require_whole(filename)
        content = torch.load(filename, map_location=map_location, weights_only=loads_data_only())
    except Exception as error:  # damaged files raise errors of any kind in zipfile, pickle and torch
        if _is_machine_error(error):
            if isinstance(error, OSError):
                error.filename = error.filename or filename
            raise
        raise CheckpointError(
            f'{filename} is refused: it is damaged, or holds objects other than weights and training state, which '
            f'could run code when loaded. Reported by torch: {_first_reason(error)}.'
        ) from None
    if not isinstance(content, dict):
        raise CheckpointError(f'{filename} is refused: a checkpoint is a dict. Got {type(content).__name__}.')
    return without_code(content)


def _require_beginning(filename: str) -> None:
    """Refuse a file that does not begin like one of torch: an image, an ONNX file, one of zeros."""
    with open(filename, 'rb') as file:
        start = file.read(2)
    if not start.startswith(_STARTS):
        what = 'does not begin as files of torch.save do' if start else 'is empty'
        raise CheckpointError(f'{filename} is not a checkpoint: it {what}.')


def _is_machine_error(error: Exception) -> bool:
    """Whether the file may be intact: a disk, a permission or memory fails. EINVAL is an offset caused by damage."""
    if isinstance(error, OSError):
        return error.errno != errno.EINVAL
    if isinstance(error, MemoryError | torch.cuda.OutOfMemoryError):
        return True
    return any(words in str(error) for words in ('DefaultCPUAllocator', 'out of memory'))  # the latter of mps


def require_whole(filename: str) -> None:
    """Compare a zipped checkpoint with its checksums, which torch does not; older formats have none.

    Raises:
        zipfile.BadZipFile: a byte has changed, or the records declare more than the file holds.
    """
    if not zipfile.is_zipfile(filename):
        return
    with zipfile.ZipFile(filename) as archive:
        if sum(record.file_size for record in archive.infolist()) > osp.getsize(filename):
            raise zipfile.BadZipFile('its records declare more data than the file holds')
        if (name := archive.testzip()) is not None:
            raise zipfile.BadZipFile(f'the checksum of {name} is wrong')


def without_code(content: dict[str, Any]) -> dict[str, Any]:
    """The same checkpoint without the entries that its readers execute.

    ``meta['config']``, which ``Runner.resume`` runs as Python and MMEngine itself never writes; the text of a config
    (``cfg``) unless it is made of plain values alone, as MMEngine writes it; and ``from_file`` in ``dataset_meta``.
    Why a config was left out is noted in ``meta``.
    """
    meta, hub = content.get('meta'), content.get('message_hub')
    runtime = hub.get('runtime_info') if isinstance(hub, dict) else None
    for part in (meta, runtime):
        if isinstance(part, dict):
            part.pop('config', None)
            if 'cfg' in part and not is_plain_config(part['cfg']):
                reason = why_not_plain(part.pop('cfg'))
                if part is meta:
                    meta[LEFT_OUT] = reason
    if isinstance(meta, dict) and isinstance(meta.get('dataset_meta'), dict):
        meta['dataset_meta'].pop('from_file', None)
    return content


def _first_reason(error: Exception) -> str:
    """Torch's message about the object, without its advice to switch the check off."""
    _, refused, reason = str(error).split('Check the documentation')[0].rpartition('WeightsUnpickler error: ')
    reason = reason.strip().splitlines()[-1 if refused else 0] if reason.strip() else type(error).__name__
    return reason.split(' was not an allowed global')[0].rstrip('.')
