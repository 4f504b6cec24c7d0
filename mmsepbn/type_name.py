"""The name of a class in a config."""

from typing import Any


def type_name(kind: Any) -> str:
    """The short name of a ``type``, be it a name, with or without a scope, or a class."""
    return getattr(kind, '__name__', None) or str(kind).rpartition('.')[2]
