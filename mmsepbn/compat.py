"""Adapters to gaps in the frameworks below. Each says what is missing, what it does, and when it does nothing.

``apply()`` installs those that MMPose needs in order to import and to resume; :mod:`mmsepbn.registry` calls it, so
whatever reaches a component of this package has them. Calling it again changes nothing.
"""

import importlib.util
import os.path as osp
import pickle
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any, NoReturn

import torch
from mmengine.config import Config
from mmengine.logging import HistoryBuffer
from mmengine.runner import CheckpointLoader

from mmsepbn.plain_numpy import PlainArray, PlainDtype, plain_array, plain_scalar


class CheckpointError(ValueError):
    """A checkpoint that is damaged, unsafe, or not what the model needs; the message names it."""


_HISTORY_STATISTICS = frozenset({'min', 'max', 'mean', 'current'})


def apply() -> None:
    """Install the adapters that importing MMPose and resuming a run need."""
    allow_mmcv_lite()
    load_own_checkpoints()


def allow_mmcv_lite() -> bool:
    """Let ``mmpose.models`` import on mmcv-lite, whose wheel has no compiled ops. Returns whether it was needed.

    ``mmpose.models`` imports ``mmcv.ops`` for heads that face landmarks never use. Each missing op becomes a function
    that raises when called. Does nothing where the compiled extension ``mmcv._ext`` exists (full MMCV).
    """
    if importlib.util.find_spec('mmcv._ext') is not None:
        return False
    from mmcv.utils import ext_loader

    ext_loader.load_ext = _load_missing_ops
    return True


def _load_missing_ops(name: str, funcs: Sequence[str]) -> SimpleNamespace:
    return SimpleNamespace(**{func: _missing_op(func) for func in funcs})


def _missing_op(name: str) -> Callable[..., NoReturn]:
    def raise_missing(*args: Any, **kwargs: Any) -> NoReturn:
        raise ImportError(f'The op {name!r} needs the full mmcv package; only mmcv-lite is installed.')

    return raise_missing


def load_own_checkpoints() -> bool:
    """Let MMEngine load its own checkpoints under torch >= 2.6, and no others. Returns whether it was needed.

    Since torch 2.6 ``torch.load`` accepts tensors and plain values only, so MMEngine 0.10.7 refuses to resume what it
    saved: its log histories are pickled objects. They are let through by name; anything else that a pickle could
    execute is refused with an error that names the file. Does nothing under torch < 2.6, where MMEngine loads
    pickles as it always did.
    """
    if tuple(int(part) for part in torch.__version__.split('.')[:2]) < (2, 6):
        return False
    cores = ('numpy.core.multiarray', 'numpy._core.multiarray')
    torch.serialization.add_safe_globals(
        [
            (_history_statistic, 'builtins.getattr'),
            HistoryBuffer,
            PlainArray,
            (PlainArray, 'numpy.ndarray'),
            (PlainDtype, 'numpy.dtype'),
            *((plain_array, f'{core}._reconstruct') for core in cores),
            *((plain_scalar, f'{core}.scalar') for core in cores),
        ]
    )
    CheckpointLoader.register_scheme(prefixes='', loader=load_from_local, force=True)
    return True


def _history_statistic(owner: Any, name: str) -> Any:
    """The one use of ``getattr`` in MMEngine's checkpoints: a statistics method of HistoryBuffer."""
    if owner is not HistoryBuffer or name not in _HISTORY_STATISTICS:
        raise pickle.UnpicklingError(f'getattr({owner!r}, {name!r}) is not part of an MMEngine checkpoint')
    return getattr(owner, name)


def load_from_local(filename: str, map_location: Any) -> Any:
    """Load a checkpoint file without executing anything in it.

    Raises:
        FileNotFoundError: there is no such file.
        CheckpointError: the file is damaged, or holds pickled objects that are not part of an MMEngine checkpoint.
    """
    filename = osp.expanduser(filename)
    if not osp.isfile(filename):
        raise FileNotFoundError(f'There is no checkpoint {filename}.')
    try:
        return torch.load(filename, map_location=map_location, weights_only=True)
    except (pickle.UnpicklingError, EOFError, KeyError, RuntimeError, OSError, ValueError, TypeError) as error:
        raise CheckpointError(
            f'{filename} is refused: it is damaged, or holds objects other than weights and training state, which '
            f'could run code when loaded. Reported by torch: {_first_reason(str(error))}'
        ) from None


def _first_reason(message: str) -> str:
    """What torch says of the object, without its advice to switch the check off."""
    reason = message.split('Check the documentation')[0].rpartition('WeightsUnpickler error: ')[2].strip()
    return reason.splitlines()[-1].split(' was not an allowed global')[0] if reason else 'nothing'


def prepare_cpu_launch(cfg: Config) -> bool:
    """Let MMEngine's ``launcher='pytorch'`` run where there is no GPU. Returns whether it was needed.

    MMEngine selects a CUDA device for every process and passes its index to DDP. Here the gloo group is set up
    first, which MMEngine then uses as it is, and DDP is asked for without a device. Does nothing without a launcher,
    or where CUDA is available.
    """
    if cfg.get('launcher', 'none') != 'pytorch' or torch.cuda.is_available():
        return False
    if not torch.distributed.is_initialized():
        torch.distributed.init_process_group('gloo')
    wrapper = dict(
        type='MMDistributedDataParallel',
        device_ids=None,
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )
    cfg.setdefault('model_wrapper_cfg', wrapper)
    return True
