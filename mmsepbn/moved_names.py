"""Names that moved out of a module are still found there, with a warning."""

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any


def moved_names(module: str, **names: str) -> Callable[[str], Any]:
    """The ``__getattr__`` of a module, by old name -> full name of what it is now."""

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f'module {module!r} has no attribute {name!r}')
        place, _, new = names[name].rpartition('.')
        warnings.warn(f'{module}.{name} is now {names[name]}.', DeprecationWarning, stacklevel=2)
        return getattr(import_module(place), new)

    return find
