"""The readers of a dict of a config, and the keys they take."""

import functools
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from mmengine.registry import Registry, root
from mmengine.runner import Runner
from mmengine.utils import get_object_from_string

Reader = Callable[..., Any]


def readers_of(kind: Any) -> tuple[Reader, ...]:
    """The classes and functions that a ``type`` may mean: itself, those of its name in any registry, or of its path."""
    if not isinstance(kind, str):
        return (kind,) if callable(kind) else ()
    scope, _, name = kind.rpartition('.')
    found = tuple(
        registry.module_dict[name]
        for registry in _registries()
        if name in registry.module_dict and scope in ('', registry.scope)
    )
    return found if found or not scope else _by_path(kind)


def _by_path(kind: str) -> tuple[Reader, ...]:
    """As MMEngine's registries find what is not registered."""
    with suppress(Exception):  # importing may raise anything; building it, MMEngine says so
        if callable(found := get_object_from_string(kind)):
            return (found,)
    return ()


def _registries() -> Iterator[Registry]:
    waiting = [value for value in vars(root).values() if isinstance(value, Registry)]
    for registry in waiting:
        waiting.extend(registry.children.values())
        if registry.scope in ('mmpose', 'mmsepbn'):
            registry.import_from_location()
        yield registry


@functools.cache
def accepted_names(reader: Reader) -> frozenset[str] | None:
    """The keyword arguments that a class or function takes; None where it takes any.

    ``**kwargs`` are followed to the constructor of the next base class, and to what MMEngine's CheckpointHook calls.
    """
    if not inspect.isclass(reader):
        names, open_ended = _parameters(reader)
        return None if open_ended else frozenset(names)
    names = set()
    for base in initializing(reader):
        if base is object:
            return _forwarded(reader, names)
        own, open_ended = _parameters(base.__init__)
        names |= own
        if not open_ended:
            return frozenset(names)
        words = quoted(base.__init__)
        if words is None:
            return None
        names |= words  # what it takes out of its **kwargs
    return None


def initializing(kind: type) -> Iterator[type]:
    """A class and its bases, those with a constructor, until one takes no ``**kwargs`` that it may hand on."""
    for base in inspect.getmro(kind):
        if '__init__' in vars(base):
            yield base
            if not _parameters(base.__init__)[1]:
                return


def _forwarded(reader: type, names: set[str]) -> frozenset[str] | None:
    if 'CheckpointHook' in [base.__name__ for base in inspect.getmro(reader)]:
        return frozenset(names) | names_of(Runner.save_checkpoint)
    return None if names else frozenset()


def _parameters(function: Reader) -> tuple[set[str], bool]:
    """Names, and whether it takes others as well."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of C code
        return set(), True
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    variadic = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return {parameter.name for parameter in parameters if parameter.kind not in variadic}, open_ended


def names_of(reader: Reader) -> frozenset[str]:
    """The names of all parameters of a class or function."""
    return frozenset(inspect.signature(reader).parameters)


@functools.cache
def quoted(reader: Reader) -> frozenset[str] | None:
    """The words that stand in quotes in the source of a function or class, as the keys do that it reads."""
    try:
        return frozenset(re.findall(r"""['"](\w+)['"]""", inspect.getsource(reader)))
    except (OSError, TypeError):
        return None
