"""The parts of a config."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mmsepbn.type_name import type_name


def walk(part: Any, place: str = '', enter: Callable[[Any], bool] = lambda part: True) -> Iterator[tuple[str, Any]]:
    """The part itself and all parts of its mappings, lists and tuples, each before its own parts.

    Args:
        part: of a config.
        place: its keys, joined by dots; empty for a whole config.
        enter: whether the parts of a part are wanted; asked once it has been handed out.

    Yields:
        the place of each part, and the part.
    """
    yield place, part
    if isinstance(part, Mapping) and enter(part):
        inner: Any = part.items()
    elif isinstance(part, list | tuple) and enter(part):
        inner = enumerate(part)
    else:
        return
    for key, value in inner:
        yield from walk(value, f'{place}.{key}' if place else str(key), enter)


def hooks_of_kind(config: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The settings of all hooks of a class, custom ones first; hooks that are built already have none."""
    hooks = [*(config.get('custom_hooks') or []), *(config.get('default_hooks') or {}).values()]
    return [hook for hook in hooks if isinstance(hook, Mapping) and type_name(hook.get('type')) == name]
