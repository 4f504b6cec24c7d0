"""Options merged into a config."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmengine.config import Config

from mmsepbn.listing import shortened
from mmsepbn.option_error import OptionError
from mmsepbn.run_settings.loaders import without_workers
from mmsepbn.run_settings.norm_names import unknown_norms
from mmsepbn.run_settings.read_keys import top_level_keys, unread_keys
from mmsepbn.run_settings.variables import variable_message
from mmsepbn.suggestion import suggestion


def merge_options(config: Config, options: Mapping[str, Any]) -> None:
    """Merge dotted key -> value into a config, and check that the result can be built.

    Loaders without workers lose what only workers use, see :func:`~mmsepbn.run_settings.loaders.without_workers`.

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
        raise OptionError(shortened(unread, ' '))
    without_workers(config)


def _refuse_unread(config: Config, key: str) -> None:
    name = key.partition('.')[0]
    known = top_level_keys()
    if name in known:
        return
    if name == 'custom_imports':
        raise OptionError(
            f'The option {key} changes nothing: modules are imported while the config file is parsed. '
            'Set custom_imports in that file; for a table, in its base.'
        )
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
    if not entries:
        raise OptionError(f'The option {key} cannot be set: {place} is an empty list. Set it in a config file.')
    if not part.isdecimal() or int(part) >= len(entries):
        raise OptionError(
            f'The option {key} cannot be set: {place} is a list, whose entry must be one of 0 to {len(entries) - 1}. '
            f'Got {part}.'
        )
    return entries[int(part)]
