"""Command-line options of training and testing, merged into a config as MMPose's tools do."""

import argparse
import gc
import logging
import os
from typing import Any

import torch
import torch.distributed
from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.runner import Runner

from mmsepbn.checkpoints.address import require_present
from mmsepbn.checkpoints.last_checkpoint import last_checkpoint, trained
from mmsepbn.cli.evaluators import add_metric, write_per_face
from mmsepbn.cli.open_files import allow_open_files
from mmsepbn.cli.options import add_cfg_options
from mmsepbn.compat import prepare_cpu_launch
from mmsepbn.config_file import config_name, read_config
from mmsepbn.config_walk import hooks_of_kind
from mmsepbn.engine.checked_runner import CheckedRunner
from mmsepbn.option_error import OptionError
from mmsepbn.run_settings.merge import merge_options
from mmsepbn.run_settings.schedules import cut_schedules, refuse_late_schedules, refuse_no_length, scale_schedules
from mmsepbn.type_name import type_name

# Keys that MMEngine's Runner takes as None in a config and cannot use.
_NOT_NONE = ('env_cfg', 'launcher', 'log_level', 'randomness', 'resume')
# By launchers: the variable with a process's place on its machine, whose GPU MMEngine selects.
_LOCAL_RANKS = dict(pytorch='LOCAL_RANK', slurm='SLURM_LOCALID', mpi='OMPI_COMM_WORLD_LOCAL_RANK')


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Options that training and testing share."""
    parser.add_argument('--work-dir', help="folder for the run's files; default: work_dirs/<path below configs>")
    add_cfg_options(parser)
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='job launcher')
    # torch.distributed.launch passes it; everything else reads the environment.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS)


def training_config(args: argparse.Namespace) -> Config:
    """The config of ``args.config`` with ``--resume``, ``--amp``, ``--no-validate`` and the rest of a training.

    Raises:
        OptionError: nothing would read an option, the training has no epochs or iterations, or a learning rate schedule
            would begin when training has ended.
    """
    cfg = read_config(args.config)
    training = cfg.get('train_cfg') or {}
    planned = training.get('max_epochs') or training.get('max_iters')
    _add_common(cfg, args)
    refuse_no_length(cfg)
    if args.scale_schedule:
        scale_schedules(cfg, planned)
    else:
        refuse_late_schedules(cfg)
    if cut := cut_schedules(cfg):
        print_log(f'{cut} --scale-schedule would fit it to the training.', 'current', logging.WARNING)
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if args.amp:
        _use_amp(cfg)
    _resume(cfg, args.resume)
    _check_weights(cfg, args.scale_schedule)
    if args.auto_scale_lr:
        _scale_rate(cfg)
    return cfg


def _resume(cfg: Config, resume: str | None) -> None:
    if resume is None and not cfg.get('resume') and (there := trained(cfg.work_dir)):
        print_log(
            f'{cfg.work_dir} holds checkpoints of an earlier training, such as {there[-1].name}, which this one '
            'replaces. --resume would continue it.',
            'current',
            logging.WARNING,
        )
    if resume == 'auto':
        # MMPose's tool would forget load_from if there is nothing to resume, and train stage 2 from scratch.
        if last := last_checkpoint(cfg.work_dir):
            cfg.resume, cfg.load_from = True, last
        else:
            print_log(f'--resume: {cfg.work_dir} has no checkpoint yet; the run starts from the beginning.', 'current')
    elif resume is not None:
        cfg.resume, cfg.load_from = True, resume


def _check_weights(cfg: Config, own_schedules: bool) -> None:
    """Add the hooks that refuse a checkpoint to train from that does not fit, where a config is not built on ours."""
    if cfg.get('resume'):
        exact = _checking_hook(cfg, 'exact_checkpoint', 'mmsepbn.ExactCheckpointHook')
        if own_schedules and exact is not None:
            exact['own_schedules'] = True
    elif cfg.get('load_from'):
        _checking_hook(cfg, 'keep_branch', 'mmsepbn.KeepBranchHook')


def testing_config(args: argparse.Namespace) -> Config:
    """The config of ``args.config`` with the checkpoint, ``--per-face``, ``--dump`` and ``--show-dir``.

    Raises:
        OptionError: nothing would read an option, or the config lacks what one needs.
    """
    cfg = read_config(args.config)
    _add_common(cfg, args)
    cfg.load_from = args.checkpoint
    _leave_out_early_stopping(cfg)
    if args.per_face:
        write_per_face(cfg, args.per_face)
    if args.dump:
        pickled = dict(type='DumpResults', out_file_path=args.dump)
        ours = dict(type='mmsepbn.DumpPredictions', path=args.dump)
        add_metric(cfg, ours if args.dump.endswith('.npz') else pickled)
    if args.show_dir:
        _draw_faces(cfg, args.show_dir)
    # A wrong pair of config and checkpoint would otherwise yield a table of an untrained network.
    _checking_hook(cfg, 'exact_checkpoint', 'mmsepbn.ExactCheckpointHook')
    return cfg


def _leave_out_early_stopping(cfg: Config) -> None:
    """MMEngine's hook looks at the training loop, for which a test would have to read the training set."""
    if early := hooks_of_kind(cfg, 'EarlyStoppingHook'):
        cfg.custom_hooks = [hook for hook in cfg.get('custom_hooks') or [] if hook not in early]
        for name in [name for name, hook in (cfg.get('default_hooks') or {}).items() if hook in early]:
            del cfg.default_hooks[name]


def _add_common(cfg: Config, args: argparse.Namespace) -> None:
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg.launcher = args.launcher
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or f'work_dirs/{config_name(args.config)}'
    merge_options(cfg, args.cfg_options)
    for name in _NOT_NONE:
        if name in cfg and cfg[name] is None:
            cfg.pop(name)
    _check_gpus(cfg.get('launcher', 'none'))
    prepare_cpu_launch(cfg)
    allow_open_files(cfg)


def _check_gpus(launcher: str) -> None:
    """Refuse a launcher for whose process there is no GPU, which MMEngine would select."""
    if launcher == 'none':
        return
    if launcher not in _LOCAL_RANKS:
        raise OptionError(f'launcher must be one of none, {", ".join(_LOCAL_RANKS)}. Got {launcher!r}.')
    name, count = _LOCAL_RANKS[launcher], torch.cuda.device_count()
    if not torch.cuda.is_available():
        if launcher != 'pytorch':  # its processes need none
            raise OptionError(f'--launcher {launcher} needs a GPU. Got none; --launcher pytorch runs without.')
    elif (rank := int(os.environ.get(name, 0))) >= count:
        raise OptionError(
            f'{name} must be below {count}, the number of GPUs. Got {rank}: start fewer processes, or let each see all '
            'GPUs.'
        )


def _use_amp(cfg: Config) -> None:
    wrapper, on_gpu = cfg.get('optim_wrapper') or {}, torch.cuda.is_available()
    usual = ('None', 'OptimWrapper', 'AmpOptimWrapper' if on_gpu else 'BFloat16OptimWrapper')
    if (kind := type_name(wrapper.get('type'))) not in usual:
        raise OptionError(
            f'--amp needs optim_wrapper.type OptimWrapper{"" if on_gpu else ", as there is no GPU"}. Got {kind}.'
        )
    if on_gpu:
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    else:
        cfg.optim_wrapper.type = 'mmsepbn.BFloat16OptimWrapper'


def _scale_rate(cfg: Config) -> None:
    if 'base_batch_size' not in (cfg.get('auto_scale_lr') or {}):
        raise OptionError('--auto-scale-lr needs auto_scale_lr=dict(base_batch_size=N) in the config.')
    cfg.auto_scale_lr.enable = True


def _draw_faces(cfg: Config, folder: str) -> None:
    if not cfg.get('visualizer'):
        cfg.visualizer = dict(
            type='PoseLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')], name='visualizer'
        )
    _default_hook(cfg, 'visualization', 'mmsepbn.FaceVisualizationHook').update(enable=True, out_dir=folder)


def _checking_hook(cfg: Config, name: str, kind: str) -> Any:
    """The config's hook of type ``kind``, or a new one as a default hook; None where the config has switched it off."""
    if own := hooks_of_kind(cfg, type_name(kind)):
        return own[0]
    return None if name in (cfg.get('default_hooks') or {}) else _default_hook(cfg, name, kind)


def _default_hook(cfg: Config, name: str, kind: str) -> Any:
    """The entry ``name`` of ``default_hooks``; a hook of type ``kind`` where the config has none."""
    if cfg.get('default_hooks') is None:
        cfg.default_hooks = {}
    if cfg.default_hooks.get(name) is None:
        cfg.default_hooks[name] = dict(type=kind)
    return cfg.default_hooks[name]


def leave_process_group() -> None:
    """Leave the launcher's process group, if there is one; call it when the runner is no longer used.

    Gloo's threads abort a process that ends while they run. They run as long as anything refers to the group, and the
    model of a runner does, in reference cycles: so those are collected first.
    """
    if torch.distributed.is_initialized():
        gc.collect()
        torch.distributed.destroy_process_group()


def build_runner(cfg: Config) -> Runner:
    """The Runner of a config, which checks its data first.

    Raises:
        FileNotFoundError, CheckpointError: see :func:`require_present`.
    """
    if place := cfg.get('load_from'):
        require_present(str(place))
    return CheckedRunner.from_cfg(cfg)
