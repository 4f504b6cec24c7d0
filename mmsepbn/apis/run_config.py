"""Command-line options of training and testing, merged into a config as MMPose's tools do."""

import argparse
import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

import torch
import torch.distributed
from mmengine.config import Config, DictAction
from mmengine.logging import print_log
from mmengine.runner import Runner

from mmsepbn.apis.last_checkpoint import last_checkpoint
from mmsepbn.apis.options import OptionError, merge_options
from mmsepbn.compat import CheckpointError, prepare_cpu_launch
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.engine.hooks.finite_loss_hook import NonFiniteError
from mmsepbn.models.backbones.pretrained import not_fetched


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Options that training and testing share."""
    parser.add_argument('--work-dir', help='folder for logs and checkpoints; default: work_dirs/<config name>')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='overrides of the config'
    )
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none', help='job launcher')
    # torch.distributed.launch passes it; everything else reads the environment.
    parser.add_argument('--local_rank', '--local-rank', type=int, default=0, help=argparse.SUPPRESS)


def training_config(args: argparse.Namespace) -> Config:
    """The config of ``args.config`` with ``--resume``, ``--amp``, ``--no-validate`` and ``--auto-scale-lr``.

    Raises:
        OptionError: a learning rate schedule would begin when training has ended.
    """
    cfg = _common_config(args)
    _refuse_late_schedules(cfg)
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if args.amp:
        if not torch.cuda.is_available():
            raise SystemExit('error: --amp needs a GPU, and none is available.')
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if args.resume == 'auto':
        # MMPose's tool would forget load_from where there is nothing to go on from, and train stage 2 from scratch.
        if last := last_checkpoint(cfg.work_dir):
            cfg.resume, cfg.load_from = True, last
        else:
            print_log(f'--resume: {cfg.work_dir} has no checkpoint yet, the run begins.', 'current')
    elif args.resume is not None:
        cfg.resume, cfg.load_from = True, args.resume
    if args.auto_scale_lr:
        cfg.auto_scale_lr.enable = True
    return cfg


def testing_config(args: argparse.Namespace) -> Config:
    """The config of ``args.config`` with the checkpoint, ``--per-face``, ``--dump`` and ``--show-dir``."""
    cfg = _common_config(args)
    cfg.load_from = args.checkpoint
    evaluators = cfg.test_evaluator if isinstance(cfg.test_evaluator, list) else [cfg.test_evaluator]
    for evaluator in evaluators:
        if args.per_face and evaluator.type == 'mmsepbn.FaceLandmarkMetric':
            evaluator.per_face = args.per_face
    if args.dump:
        evaluators = [*evaluators, dict(type='DumpResults', out_file_path=args.dump)]
    cfg.test_evaluator = evaluators
    if args.show_dir:
        cfg.default_hooks.visualization.update(enable=True, out_dir=args.show_dir)
    # A wrong pair of config and checkpoint would otherwise yield a table of an untrained network.
    cfg.custom_hooks = [*cfg.get('custom_hooks', []), dict(type='mmsepbn.ExactCheckpointHook')]
    return cfg


def _common_config(args: argparse.Namespace) -> Config:
    os.environ.setdefault('LOCAL_RANK', str(args.local_rank))
    cfg = Config.fromfile(args.config)
    cfg.launcher = args.launcher
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or str(Path('work_dirs') / Path(args.config).stem)
    if args.cfg_options:
        merge_options(cfg, args.cfg_options)
    prepare_cpu_launch(cfg)
    return cfg


def _refuse_late_schedules(cfg: Config) -> None:
    # Without an end of its own a schedule ends with training; MMEngine's error then speaks of iterations alone.
    schedules = cfg.get('param_scheduler') or []
    epochs = (cfg.get('train_cfg') or {}).get('max_epochs')
    for schedule in [schedules] if isinstance(schedules, dict) else schedules:
        name, begin = schedule['type'], schedule.get('begin', 0)
        if epochs is not None and schedule.get('by_epoch', True) and 'end' not in schedule and begin >= epochs:
            raise OptionError(f'train_cfg.max_epochs must exceed {begin}, where {name} begins, got {epochs}.')


@contextmanager
def readable_errors(*more: type[Exception]) -> Iterator[None]:
    """End a command with the bare message where files are at fault or numbers overflow, or for ``more`` errors.

    With MMSEPBN_TRACEBACK set in the environment the whole traceback is shown.
    """
    try:
        yield
    except URLError as error:  # MMEngine fetches the weights of BN networks itself
        raise SystemExit(f'error: {not_fetched("Pretrained weights", error)}') from None
    except (AnnotationError, CheckpointError, FileNotFoundError, NonFiniteError, OptionError, *more) as error:
        if 'MMSEPBN_TRACEBACK' in os.environ:
            raise
        message = error.args[0] if isinstance(error, KeyError) and error.args else str(error)
        # PyTorch puts the whole traceback of a worker of its data loader before the message.
        message = message.rpartition(f'{type(error).__name__}: ')[2].rstrip()
        raise SystemExit(f'error: {message}\n(MMSEPBN_TRACEBACK=1 shows where)') from None


def leave_process_group() -> None:
    """Leave the launcher's process group, if there is one; call it when the runner is done with.

    Gloo's threads abort a process that ends while they run. They run as long as anything refers to the group, and the
    model of a runner does, in reference cycles: so those are collected first.
    """
    if torch.distributed.is_initialized():
        gc.collect()
        torch.distributed.destroy_process_group()


def build_runner(cfg: Config) -> Runner:
    """The Runner of a config; mistakes in the config's settings end in their bare message."""
    with readable_errors(ValueError, TypeError, KeyError):
        return Runner.from_cfg(cfg)
