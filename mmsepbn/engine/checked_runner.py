"""MMEngine's Runner with checks of its data, and with the set-up needed before a model is built or loaded."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from mmengine.dataset import RepeatDataset
from mmengine.logging import print_log
from mmengine.runner import BaseLoop, Runner
from torch import nn

from mmsepbn.checkpoints.fit import unwrapped
from mmsepbn.checkpoints.last_checkpoint import last_checkpoint
from mmsepbn.checkpoints.pretrained import NotFetchedError, asks_for_weights, start_from
from mmsepbn.datasets.checks.codec import codec_problem
from mmsepbn.datasets.checks.loader import loader_problem, settings_problem
from mmsepbn.datasets.checks.normalizers import check_normalizers
from mmsepbn.datasets.walk import face_datasets, nested_datasets
from mmsepbn.engine.hooks.channels_last_hook import use_memory_format
from mmsepbn.evaluation import FaceLandmarkMetric
from mmsepbn.option_error import OptionError
from mmsepbn.processes.freed_memory import keep_freed_memory
from mmsepbn.suggestion import suggestion

# What cuBLAS needs to give the same sums each time, before its first product in a process.
_CUBLAS, _DETERMINISTIC = 'CUBLAS_WORKSPACE_CONFIG', ':4096:8'


class CheckedRunner(Runner):
    """Refuses, before the start, data that would train nothing, test a part or all twice, or stop the first validation.

    ``train()``, ``val()`` and ``test()`` raise OptionError for loaders and AnnotationError for faces that
    FaceLandmarkMetric cannot measure; ``train()`` raises OptionError for targets that the head does not decode, and
    CheckpointError for weights that it cannot start from.
    """

    def setup_env(self, env_cfg: dict[str, Any]) -> None:
        """As MMEngine's; where the network runs on the CPU, its process keeps the memory of freed maps."""
        super().setup_env(env_cfg)
        if not torch.cuda.is_available():
            keep_freed_memory()

    def set_randomness(self, seed: int | None, diff_rank_seed: bool = False, deterministic: bool = False) -> None:
        """As MMEngine's, whose ``deterministic`` lacks what cuBLAS reads from the environment."""
        if deterministic and _CUBLAS not in os.environ:
            os.environ[_CUBLAS] = _DETERMINISTIC
            print_log(f'randomness.deterministic=True sets {_CUBLAS}={_DETERMINISTIC} for this process.', 'current')
        super().set_randomness(seed, diff_rank_seed, deterministic)

    def build_model(self, model: Any) -> nn.Module:
        """In the memory format in which it will be, before DDP lays out its gradients."""
        built = super().build_model(model)
        use_memory_format(built, self.cfg)
        return built

    def build_optim_wrapper(self, optim_wrapper: Any) -> Any:
        """As MMEngine's; warns of settings for parameters that the model does not have."""
        for said in _unused_custom_keys(unwrapped(self.model), optim_wrapper):
            self.logger.warning(said)
        return super().build_optim_wrapper(optim_wrapper)

    def _init_model_weights(self) -> None:
        """From the initial checkpoint where it has the weights, so that nothing is downloaded in vain."""
        model = unwrapped(self.model)
        if asks_for_weights(model) and (start := self._load_from or (self._resume and last_checkpoint(self.work_dir))):
            start_from(model, str(start))
        try:
            super()._init_model_weights()
        except NotFetchedError as error:
            raise error.naming(self.cfg.model) from None

    def build_train_loop(self, loop: Any) -> BaseLoop:
        """MMEngine's training loop, of at least one batch, with the targets that the head learns."""
        _check_settings('train_dataloader', self._train_dataloader)
        built = _checked(super().build_train_loop(loop), 'train_dataloader')
        _check_codecs('train_dataloader', built, unwrapped(self.model))
        return built

    def build_val_loop(self, loop: Any) -> BaseLoop:
        """MMEngine's validation loop, of faces that can be measured."""
        _check_settings('val_dataloader', self._val_dataloader)
        return _checked(super().build_val_loop(loop), 'val_dataloader')

    def build_test_loop(self, loop: Any) -> BaseLoop:
        """MMEngine's test loop, of faces that can be measured."""
        _check_settings('test_dataloader', self._test_dataloader)
        return _checked(super().build_test_loop(loop), 'test_dataloader')


def _unused_custom_keys(model: nn.Module, settings: Any) -> Iterator[str]:
    """MMEngine gives a key's settings to all parameters with that in their names, if there are any."""
    if not isinstance(settings, Mapping) or 'constructor' in settings:
        return
    names = [name for name, _ in model.named_parameters()]
    for key in (settings.get('paramwise_cfg') or {}).get('custom_keys') or {}:
        if not any(key in name for name in names):
            parts = {part for name in names for part in name.split('.')}
            yield (
                f'optim_wrapper.paramwise_cfg.custom_keys.{key} changes nothing: no parameter of the model has it in '
                f'its name.{suggestion(key, parts)}'
            )


def _check_settings(name: str, loader: Any) -> None:
    if problem := settings_problem(loader):
        raise OptionError(f'{name}: {problem}')


def _check_codecs(name: str, loop: BaseLoop, model: nn.Module) -> None:
    for dataset in face_datasets(loop.dataloader.dataset):
        if problem := codec_problem(dataset, getattr(model, 'head', None)):
            raise OptionError(f'{name}: {problem}')


def _checked(loop: BaseLoop, name: str) -> BaseLoop:
    if problem := loader_problem(loop.dataloader, name.startswith('train')):
        raise OptionError(f'{name}: {problem}')
    if not name.startswith('train'):
        for dataset in nested_datasets(loop.dataloader.dataset):
            if isinstance(dataset, RepeatDataset) and dataset.times > 1:
                raise OptionError(
                    f'{name}: RepeatDataset(times=) must be 1, so that each face is tested once. Got {dataset.times}.'
                )
    metrics = getattr(getattr(loop, 'evaluator', None), 'metrics', ())
    if any(isinstance(metric, FaceLandmarkMetric) for metric in metrics):
        for dataset in face_datasets(loop.dataloader.dataset):
            check_normalizers(dataset)
    return loop
