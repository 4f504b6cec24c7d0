"""How far a training is in its epoch, as its message hub records it."""

from collections.abc import Mapping
from typing import Any

from mmengine.runner import Runner

LENGTH = 'batches_per_epoch'
SAMPLER_SEED = 'sampler_seed'
BEGAN = 'epoch_began'  # the epoch and the iteration at which it began, also where it was resumed within


def epoch_began(runner: Runner) -> int | None:
    """Iteration at which the current epoch began, before a stop within it if there was one; None where unknown."""
    epoch, began = runner.message_hub.get_info(BEGAN, (None, None))
    return began if epoch == runner.epoch else None


def batches_done(info: Mapping[str, Any], epoch: int, iteration: int, length: int) -> int:
    """Batches of an epoch that a run to be resumed has done; 0 if the epoch starts over.

    Args:
        info: ``runtime_info`` of the run's message hub.
        epoch: epochs that have ended.
        iteration: iterations that the run has done.
        length: batches of an epoch from now on.
    """
    known, began = info.get(BEGAN, (None, None))
    if known != epoch:
        began = iteration if BEGAN in info else epoch * length  # earlier versions saved none
    done = iteration - began
    return done if info.get(LENGTH, length) == length and 0 < done <= length else 0
