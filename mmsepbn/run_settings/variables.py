"""Variables of a config's file that are read only while it is parsed, and where their values end up."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config

from mmsepbn.config_walk import walk
from mmsepbn.datasets.root_variables import ROOT_VARIABLES
from mmsepbn.listing import shortened
from mmsepbn.run_settings.read_keys import top_level_keys
from mmsepbn.suggestion import suggestion

# The environment decides these in configs/_base_/datasets.
_ENVIRONMENT = {
    **{variable.lower(): variable for variable in ROOT_VARIABLES},
    **dict.fromkeys(('sets', 'cnt_sets', 'tested_sets'), 'CNT_SETS'),
}


def variable_message(config: Config, key: str) -> str:
    """What to set instead of a variable's key, which nothing reads once the file is parsed."""
    name, _, rest = key.partition('.')
    message = (
        f'The option {key} changes nothing: {name} is a variable that is read only while the file is parsed. '
        '(If code of your own reads it, set it in a config file.)'
    )
    places = list(dict.fromkeys(_places(config, name, rest)))
    ways = []
    if name in _ENVIRONMENT and (name != 'sets' or len(config[name]) > 1):
        ways.append(f'{_ENVIRONMENT[name]} in the environment')
    if places:
        ways.append((f'all {len(places)} of ' if len(places) > 1 else '') + shortened(places, ', '))
    if ways:
        return f'{message} Set {", or ".join(ways)}.'
    first = rest.partition('.')[0]
    if first and isinstance(config[name], Mapping) and first not in config[name]:
        message += suggestion(first, config[name].keys())
    return message


def _places(config: Config, name: str, rest: str) -> Iterator[str]:
    """Where the value of a variable's key, or a copy of the dict around it, stands in what is read."""
    *way, leaf = [name, *filter(None, rest.split('.'))]
    around = _at(config, way) if way else None
    value = _at(config, [*way, leaf])
    for place, part in (each for key in config if key in top_level_keys() for each in walk(config[key], key)):
        if rest and isinstance(around, Mapping) and around and _holds(part, around):
            yield f'{place}.{leaf}'
        elif _is_copy(part, value) if not rest else value is not None and _ends(place, leaf) and part == value:
            yield place


def _ends(place: str, leaf: str) -> bool:
    return place.rpartition('.')[2] == leaf


def _is_copy(part: Any, value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and _holds(part, value)
    if isinstance(value, str):
        return isinstance(part, str) and bool(value) and (part == value or part.startswith(f'{value}/'))
    return isinstance(value, list | tuple) and bool(value) and part == value


def _holds(part: Any, smaller: Mapping[str, Any]) -> bool:
    return isinstance(part, Mapping) and all(key in part and part[key] == smaller[key] for key in smaller)


def _at(config: Config, way: list[str]) -> Any:
    node: Any = config
    for key in way:
        if isinstance(node, list | tuple) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, Mapping | Config) and key in node:
            node = node[key]
        else:
            return None
    return node
