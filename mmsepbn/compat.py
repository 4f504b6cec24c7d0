"""Adapters for gaps in the frameworks below. Each states what is missing, what it does, and when it does nothing.

``apply()`` installs those that MMPose needs in order to import and to resume; :mod:`mmsepbn.registry` calls it, so
whatever reaches a component of this package has them. Calling it again changes nothing.
"""

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any, NoReturn

import torch
from mmengine.config import Config, config
from mmengine.model import PretrainedInit
from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.runner import CheckpointLoader, activation_checkpointing, runner
from torch.utils.checkpoint import checkpoint

from mmsepbn.checkpoints.address import guard_addresses
from mmsepbn.checkpoints.file import allow_training_state, load_from_local, loads_data_only
from mmsepbn.checkpoints.last_checkpoint import last_checkpoint
from mmsepbn.checkpoints.pretrained import CheckedPretrainedInit


def apply() -> None:
    """Install the adapters that importing MMPose and resuming a run need."""
    allow_mmcv_lite()
    load_own_checkpoints()
    train_checkpointed_modules()
    format_configs_once()
    refuse_unfit_weights()


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
    saved: its log histories are pickled objects. They are allowed by name; anything else that a pickle could execute is
    refused with an error that names the file, wherever the file comes from. To resume, it uses the file that
    ``last_checkpoint`` names, wherever it is; see :func:`last_checkpoint`. Does nothing under torch < 2.6, where
    MMEngine loads pickles unrestricted.
    """
    if not loads_data_only():
        return False
    allow_training_state()
    CheckpointLoader.register_scheme(prefixes='', loader=load_from_local, force=True)
    guard_addresses()
    runner.find_latest_checkpoint = last_checkpoint
    return True


def train_checkpointed_modules() -> bool:
    """Let modules that ``activation_checkpointing`` names learn. Returns whether it was needed.

    MMEngine 0.10.7 uses torch's reentrant kind, in which a module whose inputs need no gradient gets none: a backbone,
    which sees images, would silently stay as initialized. The running statistics of a BatchNorm in it follow the
    batches nearly twice as fast: it sees each again in the backward pass. Does nothing where MMEngine no longer uses
    that kind.
    """
    if activation_checkpointing.checkpoint is not checkpoint:
        return False
    activation_checkpointing.checkpoint = partial(checkpoint, use_reentrant=False)
    return True


def format_configs_once() -> bool:
    """Let MMEngine lay out the text of a config once. Returns whether it was needed.

    MMEngine 0.10.7 has yapf do so for every checkpoint, and four times more in a training; for CNT's configs that takes
    a second and a half each. Does nothing where MMEngine no longer uses yapf.
    """
    lay_out = getattr(config, 'FormatCode', None)
    if lay_out is None or hasattr(lay_out, 'texts'):
        return False

    @lru_cache(maxsize=8)
    def laid_out(text: str, style: tuple[tuple[str, Any], ...], **options: Any) -> Any:
        return lay_out(text, style_config=dict(style), **options)

    def once(text: str, style_config: Mapping[str, Any], **options: Any) -> Any:
        return laid_out(text, tuple(style_config.items()), **options)

    once.texts = laid_out  # type: ignore[attr-defined]
    config.FormatCode = once
    return True


def refuse_unfit_weights() -> bool:
    """Refuse an ``init_cfg=dict(type='Pretrained')`` whose file does not fit. Returns whether it was needed.

    MMEngine loads what fits and trains the rest from random weights; see :class:`CheckedPretrainedInit`. Does nothing
    where another class has taken its place.
    """
    if WEIGHT_INITIALIZERS.get('Pretrained') is not PretrainedInit:
        return False
    WEIGHT_INITIALIZERS.register_module(name='Pretrained', module=CheckedPretrainedInit, force=True)
    return True


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
