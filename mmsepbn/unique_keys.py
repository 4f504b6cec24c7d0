"""JSON objects with unique keys."""

from reprlib import repr as short
from typing import Any


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An ``object_pairs_hook`` for :mod:`json`, which of two values under one key would keep the last.

    Raises:
        ValueError: a key appears twice; names it.
    """
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'the key {short(twice)} appears twice in an object')
    return content
