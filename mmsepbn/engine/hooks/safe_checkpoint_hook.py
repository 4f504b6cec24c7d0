"""Write checkpoints atomically and delete only our own."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook
from mmengine.runner import EpochBasedTrainLoop, Runner

from mmsepbn.checkpoints.address import is_unreadable
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.fit import unwrapped
from mmsepbn.checkpoints.size import checkpoint_bytes
from mmsepbn.checkpoints.whole_file_backend import WholeFileBackend
from mmsepbn.engine.averages import averages_of
from mmsepbn.engine.optimizers import wrappers_of
from mmsepbn.registry import HOOKS
from mmsepbn.whole_file import remove_parts

STOPPED = 'stopped_iter_{}.pth'  # of a training stopped by a signal
# Which value of a metric is the better one, by its name behind those of set and subset: AUC of cofw/AUC_0.10.
_RULES = dict(NME='less', FR='less', EPE='less', loss='less', AUC='greater', PCK='greater')


@HOOKS.register_module()
class SafeCheckpointHook(CheckpointHook):
    """MMEngine's hook with the same arguments, which deletes no foreign files and loses no checkpoint.

    A new checkpoint is complete before an old one is deleted, so a full disk destroys neither the last nor the best
    one. MMEngine's deletes whatever file a resumed checkpoint names as its best: this one knows it by its name, and
    only in the folder that it saves to, so that a copied or moved run has its own. Before the first epoch there has to
    be room for two checkpoints. A file system that MMEngine was taught to read is left to it.

    Without ``rule`` the best is the lowest NME, failure rate, EPE or loss, or the highest AUC or PCK, of any set and
    subset.

    Raises:
        ValueError: ``rule`` would keep the worst of such a metric, or is missing for another one. With ``save_best`` of
            'auto', whose metric is then known, at the first validation.
        CheckpointError: a checkpoint cannot be written, there is no room for two, or they could not be loaded from
            where they are to lie (``s3://``).
    """

    backend_args: dict[str, Any] | None
    _local = False  # until training begins

    def before_train(self, runner: Runner) -> None:
        """Find the folder and what lies in it."""
        hub = runner.message_hub
        if 'keep_ckpt_ids' in hub.runtime_info:
            steps = hub.get_info('keep_ckpt_ids')  # they become names of files
            steps = [step for step in steps if type(step) is int] if isinstance(steps, list) else []
            hub.update_info('keep_ckpt_ids', steps)
        folder = str(self.out_dir or runner.work_dir)
        if is_unreadable(folder):
            raise CheckpointError(
                f'SafeCheckpointHook(out_dir=) must be a folder that checkpoints can be loaded from. Got {folder}.'
            )
        local = '://' not in folder and self.file_client_args is None
        if local and self.backend_args in (None, {}, dict(backend='local')):
            self.backend_args = dict(backend='whole_file')
        super().before_train(runner)
        self._local = isinstance(self.file_backend, WholeFileBackend)
        if not self._local:
            return
        if self.save_best is not None:
            self._adopt_best(runner)
        self._remove_outdated()
        if is_main_process():
            remove_parts(Path(self.out_dir), f'*{Path(self.filename_tmpl).suffix}')
            self._require_room(runner)
        by_epoch = isinstance(runner.train_loop, EpochBasedTrainLoop)
        done, most = (runner.epoch, runner.max_epochs) if by_epoch else (runner.iter, runner.max_iters)
        if done >= most:
            runner.logger.info(
                f'The run is finished already: {runner.epoch} of {runner.max_epochs} epochs, {runner.iter} of '
                f'{runner.max_iters} iterations. Nothing is left to train.'
            )

    def after_train(self, runner: Runner) -> None:
        """Save the end of a training that EarlyStoppingHook has ended, as of one that has run whole."""
        step = runner.epoch if self.by_epoch else runner.iter
        # A training by iterations counts no epochs: MMEngine has just saved its end as epoch 1.
        saved = step == 0 or Path(self.last_ckpt or '').name == self.filename_tmpl.format(step)
        if self.save_last and getattr(runner.train_loop, 'stop_training', False) and not saved:
            runner.logger.info(f'Stopped early: saving checkpoint at {runner.epoch} epochs, {runner.iter} iterations')
            self._save_checkpoint_with_step(runner, step, meta=dict(epoch=runner.epoch, iter=runner.iter))
        super().after_train(runner)

    def _init_rule(self, rules: Sequence[str | None], key_indicators: Sequence[str]) -> None:
        given = list(rules) * (len(key_indicators) if len(rules) == 1 else 1)
        settled = []
        for rule, metric in zip(given, key_indicators, strict=True):
            known = _RULES.get(re.split('[^A-Za-z]', metric.rpartition('/')[2])[0])
            if known is not None and rule not in (None, known):
                raise ValueError(f'SafeCheckpointHook(rule=) must be {known!r} for {metric}, or None. Got {rule!r}.')
            if (rule or known) is None and metric != 'auto':  # MMEngine would guess from parts of the name
                raise ValueError(f"SafeCheckpointHook(rule=) must be 'less' or 'greater' for {metric}. Got None.")
            settled.append(rule or known)
        super()._init_rule(settled, key_indicators)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict[str, Any]) -> None:
        super()._save_checkpoint_with_step(runner, step, meta)
        if is_main_process():
            for folder in (runner.work_dir, *([self.out_dir] if self._local else [])):
                for path in Path(folder).glob(STOPPED.format('*')):
                    path.unlink(missing_ok=True)
        self._remove_outdated()

    def _save_best_checkpoint(self, runner: Runner, metrics: dict[str, Any]) -> None:
        super()._save_best_checkpoint(runner, metrics)
        self._remove_outdated()

    def _best(self) -> dict[str | None, str | None]:
        """Path of the best checkpoint by metric, which is None where there is one metric alone."""
        if self.save_best is None:
            return {}
        return {None: self.best_ckpt_path} if len(self.key_indicators) == 1 else self.best_ckpt_path_dict

    def _adopt_best(self, runner: Runner) -> None:
        """Use this folder's copies of the resumed run's best checkpoints; track missing ones from the start."""
        step = re.escape(self.filename_tmpl).replace(r'\{\}', r'\d+')
        for metric, path in self._best().items():
            name = Path(path).name if isinstance(path, str) else ''
            own = Path(self.out_dir, name)
            found = str(own) if re.fullmatch(f'best_.+_{step}', name) and own.is_file() else None
            if metric is None:
                self.best_ckpt_path = found
            else:
                self.best_ckpt_path_dict[metric] = found
            key = 'best_score' if metric is None else f'best_score_{metric}'
            if found is None and runner.message_hub.runtime_info.pop(key, None) is not None:
                runner.logger.warning(
                    f"{self.out_dir} does not contain the resumed run's best checkpoint, {path}; the best is tracked "
                    'anew from this epoch.'
                )

    def _remove_outdated(self) -> None:
        if self._local:
            keep = [Path(path).name for path in [*self._best().values(), self.last_ckpt] if path]
            self.file_backend.remove_outdated(self.out_dir, keep)

    def _require_room(self, runner: Runner) -> None:
        optimizers = [each.optimizer for each in wrappers_of(runner).values()] if self.save_optimizer else []
        need = 2 * checkpoint_bytes([unwrapped(runner.model), *averages_of(runner)], optimizers)
        Path(self.out_dir).mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.out_dir).free
        if free < need:
            raise CheckpointError(
                f'{self.out_dir} has room for {free / 1e6:.0f} MB, two checkpoints need about {need / 1e6:.0f} MB.'
            )
