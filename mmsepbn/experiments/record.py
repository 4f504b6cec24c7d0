"""The record of a run: its file, and its validation."""

import json
import math
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from mmsepbn.experiments.table import Split
from mmsepbn.unique_keys import unique_keys
from mmsepbn.user_error import UserError
from mmsepbn.whole_file import write_json

Record = dict[str, Any]

_LIMITS = dict(NME=math.inf, FR_=100, AUC=1)


class RecordError(UserError):
    """A record does not belong to its run, or is damaged; the message says why."""


@dataclass(frozen=True)
class RunName:
    """The identity of a run: the step of a table's row, and the seed.

    Attributes:
        table, row: names; those of a step that tables share are its own.
        step: 1-based place among the row's steps.
        seed: of the training.
    """

    table: str
    row: str
    step: int
    seed: int

    def __str__(self) -> str:
        step = f', step {self.step}' if self.step > 1 else ''
        return f'{self.table}: {self.row}{step}, seed {self.seed}'

    @property
    def path(self) -> Path:
        """The name as a path of two parts."""
        step = f'-step{self.step}' if self.step > 1 else ''
        return Path(_file_name(self.table), f'{_file_name(self.row)}{step}-s{self.seed}')


NAME_KEYS = tuple(each.name for each in fields(RunName))


def _file_name(text: str) -> str:
    return re.sub(r'[^\w=.+-]+|^[.]', '_', text)


def read_record(path: Path, name: RunName) -> Record:
    """The record in a file.

    Raises:
        RecordError: see :func:`check_record`; or the file cannot be read.
    """
    try:
        return parse_record(path.read_text(encoding='utf-8'), name)
    except (OSError, UnicodeError) as error:
        raise RecordError(f'it cannot be read: {error}') from None


def parse_record(text: str, name: RunName) -> Record:
    """The record in a JSON text; see :func:`read_record`."""
    record = parse_json(text)
    check_record(record, name)
    return record


def parse_json(text: str | bytes) -> Any:
    """The content of a JSON text. Raises RecordError if it is invalid, has a non-finite number or a key twice."""
    try:
        return json.loads(text, parse_constant=_refused, parse_float=_finite, object_pairs_hook=unique_keys)
    except (ValueError, RecursionError) as error:
        raise RecordError(f'it cannot be read: {error}') from None


def write_record(path: Path, record: Record, name: RunName) -> None:
    """Write the record atomically.

    Raises:
        RecordError: it would not be read again.
        OSError: it cannot be written; the old one is as it was.
    """
    check_record(record, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, record)


def name_in(path: Path) -> RunName | None:
    """The run whose record a file holds; None where it is damaged."""
    try:
        record = parse_json(path.read_text(encoding='utf-8'))
        name = RunName(*(record[key] for key in NAME_KEYS))
        check_record(record, name)
    except (OSError, UnicodeError, RecordError, KeyError, TypeError):
        return None
    return name


def check_record(record: Any, name: RunName) -> None:
    """Check that a record is complete and of the run; numbers must be finite, and metrics possible.

    Raises:
        RecordError: says what is wrong.
    """
    if not isinstance(record, dict):
        raise RecordError(f'it must be an object. Got {type(record).__name__}.')
    for key, value in asdict(name).items():
        if record.get(key) != value or isinstance(record[key], bool):
            raise RecordError(f'its {key} must be {value!r}. Got {record.get(key)!r}.')
    metrics, attention, settings = record.get('metrics'), record.get('attention', {}), record.get('config')
    if not isinstance(metrics, dict) or not isinstance(attention, dict) or not isinstance(settings, dict):
        raise RecordError('metrics, attention and config must be objects.')
    _check_training(record)
    for split, values in metrics.items():
        _check_metrics(split, values)
    for split, seen in attention.items():
        _check_attention(split, seen)


def _check_training(record: Record) -> None:
    curve, training = record.get('curve'), record['config'].get('train_cfg')
    epochs = training.get('max_epochs') if isinstance(training, dict) else None
    if not _is_number(epochs):
        raise RecordError('its config lacks train_cfg.max_epochs.')
    if (
        not isinstance(curve, list)
        or len(curve) != epochs
        or not all(loss is None or _is_number(loss) for loss in curve)
    ):
        raise RecordError(f'curve must be {epochs} numbers, one for each epoch.')
    for size in ('parameters', 'macs') if record['metrics'] else ('parameters',):
        if not _is_number(record.get(size)) or record[size] <= 0:
            raise RecordError(f'{size} must be a number above 0. Got {record.get(size)!r}.')


def _check_metrics(split: str, values: Any) -> None:
    if split not in get_args(Split) or not isinstance(values, dict) or not values:
        raise RecordError(f'metrics must be of {get_args(Split)}. Got {split!r}: {values!r}.')
    for name, value in values.items():
        limit = _LIMITS.get(name.rpartition('/')[2][:3])  # none of a user's metric
        if limit is None and not _is_number(value):
            raise RecordError(f'{split}: {name} must be a finite number. Got {value!r}.')
        if limit is not None and not (_is_number(value) and 0 <= value <= limit):
            raise RecordError(f'{split}: {name} must be a number of at least 0 and at most {limit}. Got {value!r}.')


def _check_attention(split: str, seen: Any) -> None:
    try:
        _check_metrics(split, seen['mean_ablated'])
        values = [
            value
            for layer in seen['layers'].values()
            for value in (
                *(layer['deviation'], layer['by_pose'], layer['similarity']['scale'], layer['similarity']['shift']),
                *layer['by_subset'].values(),
            )
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise RecordError(f'{split}: the attention lacks {error}.') from None
    if not values or not all(map(_is_number, values)):
        raise RecordError(f'{split}: the attention must be numbers.')


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refused(text)


def _refused(text: str) -> Any:
    raise ValueError(f'{text} is no number')
