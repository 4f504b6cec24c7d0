"""A walk through the parts of a config."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


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
