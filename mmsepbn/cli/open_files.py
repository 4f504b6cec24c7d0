"""Enough open files for the workers of data loaders."""

import logging
import resource
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import torch.multiprocessing
from mmengine.logging import print_log

from mmsepbn.run_settings.loaders import loaders

# Tensors of a face: image, landmarks, weights, and one for a pipeline that makes more.
_TENSORS = 4
# Libraries, logs, pipes, sockets.
_OTHERS = 256


def allow_open_files(config: Mapping[str, Any]) -> None:
    """Let the loaders of a config hand over their batches, each tensor of which is an open file in two processes.

    The soft limit is raised to the hard one. Where that does not do, tensors travel as named files, which PyTorch
    calls the ``file_system`` strategy and which needs no open files, and a line says so.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # macOS has a hard limit that it does not take as a soft one
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    needed = max((files_needed(loader) for loader in loaders(config)), default=0)
    if hard != resource.RLIM_INFINITY and needed > hard:
        torch.multiprocessing.set_sharing_strategy('file_system')
        print_log(
            f'The workers may need {needed} open files and the limit is {hard}: tensors travel as named files in '
            f'/dev/shm. "ulimit -n {needed}", smaller batches or fewer workers avoid this.',
            'current',
            logging.WARNING,
        )


def files_needed(loader: Mapping[str, Any]) -> int:
    """Open files of a loader at most, in the process that trains or in a worker, whichever are more.

    A worker keeps two for each tensor, its own and one to hand over, until the batch has been fetched.
    """
    workers, batch = loader.get('num_workers') or 0, loader.get('batch_size') or 1
    ahead = loader.get('prefetch_factor') or 2
    if not workers:
        return 0
    return _OTHERS + batch * _TENSORS * max(workers * ahead + 2, 2 * (ahead + 1))
