"""Random augmentation as a function of seed, epoch and draw."""

from typing import Any

from mmengine.dataset import InfiniteSampler
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, IterBasedTrainLoop, Runner

from mmsepbn.datasets.samplers.draw import DrawnBatches, seed_draws
from mmsepbn.engine.epoch_progress import BEGAN, LENGTH, SAMPLER_SEED, batches_done
from mmsepbn.engine.run_kind import is_resumed
from mmsepbn.registry import HOOKS


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Seed the augmentation of every draw of the training set by the run's seed, epoch, rank and place in the order.

    Then it does not depend on the number of workers, a face drawn again in an epoch is augmented differently, and a
    resumed run sees the same as an uninterrupted one, whatever seed its config has. A run resumed within an epoch skips
    the batches that are done; if the loader's length has changed since, the epoch starts over.

    Works for any data set and its wrappers; a loader of an iterable set, or without batches, is not changed.
    """

    _batches: DrawnBatches | None = None
    _done = 0

    def before_train(self, runner: Runner) -> None:
        """Give the loader's draws their keys and find how much of the epoch is done."""
        loop = runner.train_loop
        self._batches = seed_draws(loop.dataloader, runner.seed)
        if self._batches is None:
            runner.logger.warning(
                f'EpochSeedHook: the training loader of {type(loop.dataloader.dataset).__name__} has no batches of '
                'indices, so its augmentation is not seeded.'
            )
            return
        _keep_order(runner, getattr(self._batches, 'sampler', None))
        if isinstance(loop, IterBasedTrainLoop):
            _restart_iterator(loop)
        elif isinstance(loop, EpochBasedTrainLoop):
            self._done = _resumed_batches(runner, len(loop.dataloader))
            _fit_length(runner, loop, self._done)

    def before_train_epoch(self, runner: Runner) -> None:
        """Number the draws of the coming epoch."""
        if self._batches is not None and not isinstance(runner.train_loop, IterBasedTrainLoop):
            self._batches.begin(runner.epoch, self._done)
            runner.message_hub.update_info(BEGAN, (runner.epoch, runner.iter - self._done))
            self._done = 0


def _keep_order(runner: Runner, sampler: Any) -> None:
    """Let a resumed run draw in the order that it had; MMEngine has built its sampler with the config's seed."""
    if hasattr(sampler, 'seed'):
        if is_resumed(runner):
            sampler.seed = runner.message_hub.get_info(SAMPLER_SEED, sampler.seed)
        runner.message_hub.update_info(SAMPLER_SEED, sampler.seed)


def _resumed_batches(runner: Runner, length: int) -> int:
    """Batches of the current epoch to skip; logs and records a changed length of epochs."""
    hub = runner.message_hub
    done, before = batches_done(hub.runtime_info, runner.epoch, runner.iter, length), hub.get_info(LENGTH, length)
    hub.update_info(LENGTH, length)
    if before != length:
        runner.logger.warning(
            f'An epoch has {length} batches, but {before} in the resumed run: epoch {runner.epoch} starts over.'
        )
    return done


def _fit_length(runner: Runner, loop: EpochBasedTrainLoop, done: int) -> None:
    """Count the iterations to come by the present length of epochs; MMEngine counts those before by it as well."""
    length = runner.iter - done + (loop.max_epochs - runner.epoch) * len(loop.dataloader)
    if length != loop.max_iters:
        loop._max_iters = length
        runner.optim_wrapper.initialize_count_status(runner.model, runner.iter, length)


def _restart_iterator(loop: IterBasedTrainLoop) -> None:
    """Drop the iterator that the loop has opened, whose workers have fetched unseeded samples in advance."""
    sampler = loop.dataloader.batch_sampler.sampler
    if isinstance(sampler, InfiniteSampler):
        sampler.indices = sampler._indices_of_rank()
    loop.dataloader._iterator = None
    loop.dataloader_iterator = type(loop.dataloader_iterator)(loop.dataloader)
