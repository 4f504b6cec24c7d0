"""A table of runs, and its file."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from mmengine.config import Config

from mmsepbn.config_file import config_name
from mmsepbn.user_error import UserError

Split = Literal['val', 'test']

_NEEDED = ('title', 'base', 'rows')
_OPTIONAL = ('split', 'comparisons', 'options', 'configs', 'shared')
_OLD_SPLIT = 'part'
_OF_STEPS = ('config', 'options', 'table', 'row')


class TableError(UserError):
    """A table's file, or the choice of its rows, is invalid; the message names it."""


@dataclass(frozen=True)
class Step:
    """One training and test.

    Attributes:
        config: the config.
        options: what is changed in it, dotted key -> value as for ``--cfg-options``.
        table, row, number: what the run is called: by default the table and row it stands in, and its 1-based place
            there. A step that several tables have is called by the names that it states, and is run once.
    """

    config: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    table: str = ''
    row: str = ''
    number: int = 1


@dataclass(frozen=True)
class Row:
    """Steps of which each starts from the checkpoint of the one before; the last one's test is the row's result."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Table:
    """Rows under a title.

    Attributes:
        split: what the rows are measured on, ``test`` or, where something is chosen by the table, ``val``.
        comparisons: pairs of a row and the row it is compared with.
    """

    title: str
    rows: tuple[Row, ...]
    split: Split = 'test'
    comparisons: tuple[tuple[str, str], ...] = ()


def read_table(
    path: str | Path, base: str | Path | None = None, options: Mapping[str, Any] | None = None, rows: Sequence[str] = ()
) -> Table:
    """Read a table's file, which is Python as configs are.

    It states ``title``, ``base`` (a config, relative to the file) and ``rows``: name -> changes of the base, or a list
    of steps ``dict(config=..., options=..., table=..., row=...)``, where a step without ``config`` takes the base. A
    step that stands in several tables too states the ``table`` and ``row`` by which it is called, see :class:`Step`. It
    may state ``split`` and ``comparisons``, see :class:`Table`; ``options``, changes for every step; ``configs``, names
    under which steps may call for configs, or for steps that they then add to, so that tables of several data sets can
    have the same rows; and ``shared``, whatever the rows of several tables have in common. What tables share stands in
    a file that they name in ``_base_``.

    Args:
        path: the table's file.
        base: another base, so that the same rows run on other data or another network. Its name becomes part of those
            of the runs that take it; steps with a config of their own stay as they are.
        options: changes for every step, made after the table's and before the row's own.
        rows: names of the rows to keep; none: all.

    Raises:
        TableError: no such file, or one that is no Python; a key that is missing or unknown or has another type, a
            split other than ``val`` and ``test``, a row that is not in the table, or a ``base`` that no step takes.
    """
    path = Path(path)
    if not path.is_file():
        raise TableError(f'There is no table {path}.')
    try:
        content = Config.fromfile(path, lazy_import=False).to_dict()
    except Exception as error:  # a table is Python code, which may raise anything
        raise TableError(f'{path} cannot be read: {type(error).__name__}: {error}') from error
    if not set(_NEEDED) <= set(content) <= {*_NEEDED, *_OPTIONAL, _OLD_SPLIT}:
        raise TableError(f'{path} must state {_NEEDED} and may state {_OPTIONAL}. Got {tuple(content)}.')
    _check_types(content, path)
    _check_rows(content['rows'], path)
    split = content.get('split', content.get(_OLD_SPLIT, 'test'))
    if split not in get_args(Split):
        raise TableError(f'{path}: split must be one of {get_args(Split)}. Got {split!r}.')
    context = _Context(
        path=path,
        base=Path(base) if base is not None else path.parent / content['base'],
        suffix=f', {config_name(base)}' if base is not None else '',
        options={**content.get('options', {}), **(options or {})},
        configs=content.get('configs', {}),
    )
    comparisons = tuple((row, reference) for row, reference in content.get('comparisons', ()))
    unknown = sorted({*rows, *(name for pair in comparisons for name in pair)} - set(content['rows']))
    if unknown:
        raise TableError(f'{path} has the rows {list(content["rows"])}. Got {unknown}.')
    kept = {name: value for name, value in content['rows'].items() if not rows or name in rows}
    result = tuple(Row(name, context.steps(name, value)) for name, value in kept.items())
    if base is not None and all(step.config != context.base for row in result for step in row.steps):
        raise TableError(f'{path}: base must be left out where all steps have their own config. Got {base}.')
    return Table(
        title=content['title'],
        rows=result,
        split=split,
        comparisons=tuple(pair for pair in comparisons if set(pair) <= set(kept)),
    )


@dataclass(frozen=True)
class _Context:
    """What the steps of a table's file refer to."""

    path: Path
    base: Path
    suffix: str
    options: Mapping[str, Any]
    configs: Mapping[str, Any]

    def steps(self, row: str, value: Any) -> tuple[Step, ...]:
        """The steps of a row as the file states it."""
        return tuple(self._step(row, number, part) for number, part in enumerate(_parts(value), start=1))

    def _step(self, row: str, number: int, part: Mapping[str, Any]) -> Step:
        called = self.configs.get(part.get('config', ''), part)
        called = called if isinstance(called, Mapping) else dict(config=called)
        config = called.get('config')
        own = {**called, **part}
        suffix = self.suffix if config is None else ''
        return Step(
            config=self.path.parent / config if config is not None else self.base,
            options={**self.options, **called.get('options', {}), **part.get('options', {})},
            table=own.get('table', self.path.stem) + suffix,
            row=own.get('row', row),
            number=number,
        )


def _parts(value: Any) -> list[Any]:
    """The steps of a row, as dicts; a dict of changes is one step."""
    return value if isinstance(value, list) else [dict(options=value)]


def _check_types(content: Mapping[str, Any], path: Path) -> None:
    """Refuse values of other types, but for those of the rows."""
    pairs = content.get('comparisons', ())
    configs = content.get('configs', {})
    for key, right, wanted in (
        ('title', isinstance(content['title'], str), 'text'),
        ('base', _is_path(content['base']), 'a config'),
        ('options', isinstance(content.get('options', {}), Mapping), 'a dict, dotted key -> value'),
        (
            'configs',
            isinstance(configs, Mapping) and all(_is_path(v) or _is_step(v) for v in configs.values()),
            'a dict, name -> config or step',
        ),
        ('comparisons', isinstance(pairs, list | tuple) and all(map(_is_pair, pairs)), 'pairs of names of rows'),
    ):
        if not right:
            raise TableError(f'{path}: {key} must be {wanted}. Got {content[key]!r}.')


def _is_path(value: Any) -> bool:
    return isinstance(value, str | os.PathLike)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(name, str) for name in value)


def _is_step(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) <= set(_OF_STEPS)
        and isinstance(value.get('options', {}), Mapping)
        and _is_path(value.get('config', ''))
        and all(isinstance(value.get(name, ''), str) for name in ('table', 'row'))
    )


def _check_rows(rows: Any, path: Path) -> None:
    if not isinstance(rows, Mapping):
        raise TableError(f'{path}: rows must be a dict, name -> changes. Got {type(rows).__name__}.')
    for name, value in rows.items():
        if isinstance(value, list) and not value:
            raise TableError(f'{path}: every row needs at least one step. Got none for {name!r}.')
        for step in _parts(value):
            if not _is_step(step):
                raise TableError(
                    f'{path}: the row {name!r} must be a dict of changes, or a list of steps '
                    f'dict(config=..., options=..., table=..., row=...). Got {step!r}.'
                )
