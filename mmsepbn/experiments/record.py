"""The record of a run: its file, and whether it is what it says."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from mmsepbn.checkpoints.whole_file_backend import write_whole
from mmsepbn.evaluation.metric_names import current_name
from mmsepbn.experiments.table import Part

Record = dict[str, Any]


class RecordError(ValueError):
    """A record is not that of its run, or is damaged; the message says what is wrong."""


def read_record(path: Path, run: str, settings: Mapping[str, Any]) -> Record:
    """The record in a file, with today's names of metrics.

    Args:
        path: the file.
        run: name of the run that it must be of.
        settings: the run's deciding settings, which it must have been made with.

    Raises:
        RecordError: see :func:`check_record`; or the file cannot be read.
    """
    try:
        text = path.read_text(encoding='utf-8')
        record = json.loads(text, parse_constant=_refused, parse_float=_finite, object_pairs_hook=_unique)
    except (OSError, ValueError, RecursionError) as error:
        raise RecordError(f'it cannot be read: {error}') from None
    check_record(record, run, settings)
    record['metrics'] = {part: _renamed(metrics) for part, metrics in record['metrics'].items()}
    for seen in record.get('attention', {}).values():
        seen['held'] = _renamed(seen['held'])
    return record


def write_record(path: Path, record: Record, run: str, settings: Mapping[str, Any]) -> None:
    """Write the record; a reader sees the old one or the new one.

    Raises:
        RecordError: it would not be read again.
        OSError: it cannot be written; the old one is as it was.
    """
    check_record(record, run, settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, f'{json.dumps(record, indent=1, allow_nan=False)}\n'.encode())


def check_record(record: Any, run: str, settings: Mapping[str, Any]) -> None:
    """Whether a record is whole and of the run; numbers must be finite, and metrics possible.

    Raises:
        RecordError: says what is wrong.
    """
    if not isinstance(record, dict):
        raise RecordError(f'it must be an object. Got {type(record).__name__}.')
    if record.get('run') != run:
        raise RecordError(f'it is of the run {record.get("run")!r}.')
    if _comparable(record.get('config')) != _comparable(settings):
        raise RecordError('its config is not that of the run.')
    if record.get('seed') != settings['randomness']['seed']:
        raise RecordError(f'its seed is {record.get("seed")!r}.')
    metrics, attention = record.get('metrics'), record.get('attention', {})
    if not isinstance(metrics, dict) or not isinstance(attention, dict):
        raise RecordError('metrics and attention must be objects.')
    _check_training(record, settings['train_cfg']['max_epochs'])
    for part, values in metrics.items():
        _check_metrics(part, values)
    for part, seen in attention.items():
        _check_attention(part, seen)


def _check_training(record: Record, epochs: int) -> None:
    curve = record.get('curve')
    if (
        not isinstance(curve, list)
        or len(curve) != epochs
        or not all(loss is None or _is_number(loss) for loss in curve)
    ):
        raise RecordError(f'curve must be {epochs} numbers, one for each epoch.')
    for size in ('parameters', 'macs') if record['metrics'] else ('parameters',):
        if not _is_number(record.get(size)) or record[size] <= 0:
            raise RecordError(f'{size} must be a number above 0. Got {record.get(size)!r}.')


def _check_metrics(part: str, values: Any) -> None:
    if part not in get_args(Part) or not isinstance(values, dict) or not values:
        raise RecordError(f'metrics must be of {get_args(Part)}. Got {part!r}: {values!r}.')
    for name, value in values.items():
        kind = name.rpartition('/')[2][:3]
        limit = {'AUC': 1, 'FR_': 100, 'FR@': 100}.get(kind, math.inf)
        if not _is_number(value) or not 0 <= value <= limit:
            raise RecordError(f'{part}: {name} must be a number of at least 0 and at most {limit}. Got {value!r}.')


def _check_attention(part: str, seen: Any) -> None:
    try:
        _check_metrics(part, seen['held'])
        values = [
            value
            for layer in seen['layers'].values()
            for value in (
                *(layer['deviation'], layer['by_pose'], layer['similarity']['scale'], layer['similarity']['shift']),
                *layer['by_subset'].values(),
            )
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordError(f'{part}: the attention lacks {error}.') from None
    if not values or not all(map(_is_number, values)):
        raise RecordError(f'{part}: the attention must be numbers.')


def _comparable(settings: Any) -> Any:
    """Settings as JSON has them, without the place of the checkpoint, which machines differ in."""
    return json.loads(json.dumps({**settings, 'load_from': None})) if isinstance(settings, Mapping) else None


def _renamed(metrics: Mapping[str, float]) -> dict[str, float]:
    return {current_name(name): value for name, value in metrics.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refused(text)


def _refused(text: str) -> Any:
    raise ValueError(f'{text} is no number')


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError('a key stands twice')
    return content
