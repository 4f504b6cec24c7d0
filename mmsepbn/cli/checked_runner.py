"""MMEngine's Runner with a look at its data first."""

from typing import Any

from mmengine.runner import BaseLoop, Runner

from mmsepbn.cli.option_error import OptionError
from mmsepbn.datasets.checks.loader import loader_problem, settings_problem
from mmsepbn.datasets.checks.normalizers import check_normalizers
from mmsepbn.datasets.walk import face_datasets
from mmsepbn.evaluation import FaceLandmarkMetric


class CheckedRunner(Runner):
    """Refuses data that would train nothing, test less than all, or end the first validation, before it begins.

    ``train()``, ``val()`` and ``test()`` raise OptionError for loaders and AnnotationError for faces that
    FaceLandmarkMetric cannot measure.
    """

    def build_train_loop(self, loop: Any) -> BaseLoop:
        """MMEngine's training loop, of at least one batch."""
        _check_settings('train_dataloader', self._train_dataloader)
        return _checked(super().build_train_loop(loop), 'train_dataloader')

    def build_val_loop(self, loop: Any) -> BaseLoop:
        """MMEngine's validation loop, of faces that can be measured."""
        _check_settings('val_dataloader', self._val_dataloader)
        return _checked(super().build_val_loop(loop), 'val_dataloader')

    def build_test_loop(self, loop: Any) -> BaseLoop:
        """MMEngine's test loop, of faces that can be measured."""
        _check_settings('test_dataloader', self._test_dataloader)
        return _checked(super().build_test_loop(loop), 'test_dataloader')


def _check_settings(name: str, loader: Any) -> None:
    if problem := settings_problem(loader):
        raise OptionError(f'{name}: {problem}')


def _checked(loop: BaseLoop, name: str) -> BaseLoop:
    if problem := loader_problem(loop.dataloader, name.startswith('train')):
        raise OptionError(f'{name}: {problem}')
    metrics = getattr(getattr(loop, 'evaluator', None), 'metrics', ())
    if any(isinstance(metric, FaceLandmarkMetric) for metric in metrics):
        for dataset in face_datasets(loop.dataloader.dataset):
            check_normalizers(dataset)
    return loop
