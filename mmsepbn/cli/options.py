"""Options of the command line and of tables, merged into a config."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction

from mmsepbn.cli.loaders import without_workers
from mmsepbn.cli.norm_names import unknown_norms
from mmsepbn.cli.read_keys import top_level_keys, unread_keys
from mmsepbn.cli.variables import variable_message
from mmsepbn.config_file import read_config, use_scope
from mmsepbn.option_error import OptionError
from mmsepbn.suggestion import suggestion


class KeyValues(DictAction):
    """MMEngine's KEY=VALUE, but a text that is no list keeps its spaces, and a mistake ends in the usage."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: Any = None
    ) -> None:
        """Add the pairs to what an earlier use of the option gave."""
        options = dict(getattr(namespace, self.dest, None) or {})
        for pair in values:
            key, equals, text = pair.partition('=')
            if not equals or not all(key.split('.')):
                parser.error(
                    f'argument {option_string}: must be KEY=VALUE, such as train_cfg.max_epochs=5. Got {pair!r}.'
                )
            try:
                options[key] = self._parsed(text)
            except AssertionError as error:
                parser.error(f'argument {option_string}: {pair!r}: {error}.')
        setattr(namespace, self.dest, options)

    def _parsed(self, text: str) -> Any:
        plain = text.strip('\'"')
        if plain[:1] + plain[-1:] in ('()', '[]') or ',' in plain:
            return self._parse_iterable(text)
        return self._parse_int_float_bool(plain)


def add_cfg_options(
    parser: argparse.ArgumentParser,
    what: str = 'changes of the config, such as train_cfg.max_epochs=5 train_dataloader.batch_size=16',
) -> None:
    """``--cfg-options``, for :func:`merge_options`."""
    parser.add_argument('--cfg-options', nargs='+', action=KeyValues, default={}, metavar='KEY=VALUE', help=what)


def config_of(path: str | Path, options: Mapping[str, Any]) -> Config:
    """The config of a file with ``options`` merged, whose parts can be built: its scope is the current one.

    Raises:
        OptionError: see :func:`read_config` and :func:`merge_options`.
    """
    config = read_config(path)
    merge_options(config, options)
    use_scope(config)
    return config


def merge_options(config: Config, options: Mapping[str, Any]) -> None:
    """Merge dotted key -> value into a config, and check that the result can be built.

    Loaders without workers lose what only workers use, see :func:`~mmsepbn.cli.loaders.without_workers`.

    Raises:
        OptionError: nothing would read an option or another key of the config, an option cannot be set, or a norm is
            unknown.
    """
    keys = [str(key) for key in options]
    for key in keys:
        _refuse_unread(config, key)
    deleted = tuple(key.removesuffix('_delete_') for key in keys if key.endswith('._delete_'))
    for key, value in options.items():
        if not str(key).startswith(deleted or '.'):
            _refuse_unreachable(config, str(key), value)
    try:
        config.merge_from_dict({str(key): value for key, value in options.items()})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OptionError(f'The options {", ".join(keys)} cannot be merged into the config: {error}') from None
    if unread := [*unread_keys(config), *unknown_norms(config)]:
        raise OptionError(' '.join(unread[:10]))
    without_workers(config)


def _refuse_unread(config: Config, key: str) -> None:
    name = key.partition('.')[0]
    known = top_level_keys()
    if name in known:
        return
    if name in config:
        raise OptionError(variable_message(config, key))
    raise OptionError(f'The option {key} changes nothing: the config has no {name!r}.{suggestion(name, known)}')


def _refuse_unreachable(config: Config, key: str, value: Any) -> None:
    """Refuse a path through a value without keys, or past the end of a list. A key of a dict may be new."""
    node: Any = config
    seen: list[str] = []
    parts = key.split('.')
    for part in parts:
        place = '.'.join(seen)
        if isinstance(node, Mapping | Config):
            if part not in node:
                return
            node = node[part]
        elif isinstance(node, list):
            node = _entry(node, part, key, place)
            if len(seen) == len(parts) - 1 and not isinstance(value, Mapping):
                raise OptionError(f'The option {key} cannot be set: entries of lists are dicts. Set {place} itself.')
        else:
            raise OptionError(f'The option {key} cannot be set: {place} is {node!r}, without keys. Set {place} itself.')
        seen.append(part)
    _refuse_other_kind(key, node, value)


def _refuse_other_kind(key: str, old: Any, value: Any) -> None:
    if isinstance(old, Mapping) and isinstance(value, int | float | str) and not isinstance(value, bool):
        raise OptionError(f'The option {key} must be a dict, as it is in the config, or None. Got {value!r}.')
    if isinstance(old, int | float) and not isinstance(old, bool) and isinstance(value, str):
        raise OptionError(f'The option {key} must be a number, as {old} in the config. Got {value!r}.')


def _entry(entries: Sequence[Any], part: str, key: str, place: str) -> Any:
    if not part.isdecimal() or int(part) >= len(entries):
        raise OptionError(
            f'The option {key} cannot be set: {place} is a list, whose entry must be one of 0 to {len(entries) - 1}. '
            f'Got {part}.'
        )
    return entries[int(part)]
