"""Evaluators of a config, in all forms that MMEngine accepts."""

from collections.abc import MutableMapping
from typing import Any

from mmengine.config import Config

from mmsepbn.option_error import OptionError
from mmsepbn.type_name import type_name


def metrics_of(config: Config) -> list[Any]:
    """The metrics of ``test_evaluator``, as the list that it holds from then on.

    Raises:
        OptionError: the config has none.
    """
    evaluator = config.get('test_evaluator')
    if not evaluator:
        raise OptionError('The config has no test_evaluator, so no metric can be computed.')
    if isinstance(evaluator, MutableMapping) and 'metrics' in evaluator:
        metrics = evaluator['metrics']
        evaluator['metrics'] = metrics if isinstance(metrics, list) else [metrics]
        return evaluator['metrics']
    config.test_evaluator = evaluator if isinstance(evaluator, list) else [evaluator]
    return config.test_evaluator


def write_per_face(config: Config, path: str) -> None:
    """Let the face metrics of a test write the result of every face.

    Raises:
        OptionError: no such metric, or several, which would write to the same file.
    """
    ours = [metric for metric in metrics_of(config) if type_name(metric.get('type')) == 'FaceLandmarkMetric']
    if len(ours) != 1:
        raise OptionError(f'--per-face needs one FaceLandmarkMetric in test_evaluator. Got {len(ours)}.')
    ours[0]['per_face'] = path


def add_metric(config: Config, metric: dict[str, Any]) -> None:
    """One more metric of the test."""
    metrics_of(config).append(metric)
