"""The data sets of a config, including wrapped ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

from mmsepbn.type_name import type_name

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


class SetUse(NamedTuple):
    """A data set as a config uses it: its name, whether for training, and its settings (or the data set itself)."""

    name: str
    training: bool
    config: Any

    @property
    def label(self) -> str:
        """Its name in a report."""
        return f'{self.name}, {"training" if self.training else "test"}'


def loader_configs(config: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Name and settings of each data loader that a config has; of a list each."""
    for name in LOADERS:
        loader = config.get(name)
        for each in loader if is_list(loader) else [loader]:
            if each is not None:
                yield name, each


def dataset_configs(config: Mapping[str, Any]) -> Iterator[SetUse]:
    """Each data set that a config uses, without its wrappers and once.

    Validation counts as test: the two are the same sets in most configs.
    """
    seen: list[SetUse] = []
    for loader_name, loader in loader_configs(config):
        if not isinstance(loader, Mapping) or 'dataset' not in loader:
            continue
        for name, dataset in _sets(loader['dataset']):
            use = SetUse(name, loader_name.startswith('train'), dataset)
            if use not in seen:
                seen.append(use)
                yield use


def map_sets(dataset: Any, function: Callable[[str, Any], Any], name: str = '') -> Any:
    """The settings of a data set with ``function(name, settings)`` in place of each set that wraps no other.

    A wrapper has ``dataset``, or ``datasets``, a list or a dict by name, of which ``use`` may choose some.

    Args:
        dataset: settings, or a list of them.
        function: see above; a name is that in ``datasets``, else the class's.
        name: the name of the set in its wrapper.
    """
    if is_list(dataset):
        return [map_sets(each, function) for each in dataset]
    if isinstance(dataset, Mapping) and 'datasets' in dataset:
        inner = dataset['datasets']
        if isinstance(inner, Mapping):
            use = dataset.get('use')
            chosen = [key for key in (use if use and is_list(use) else inner) if key in inner]
            mapped: Any = dict(inner) | {key: map_sets(inner[key], function, key) for key in chosen}
        else:
            mapped = map_sets(inner, function)
        return dict(dataset) | dict(datasets=mapped)
    if isinstance(dataset, Mapping) and 'dataset' in dataset:
        return dict(dataset) | dict(dataset=map_sets(dataset['dataset'], function, name))
    return function(name or class_name(dataset), dataset)


def class_name(dataset: Any) -> str:
    """The class of a data set by its settings, whose ``type`` is a name, with or without scope, or the class itself."""
    return type_name(dataset.get('type', 'dataset') if isinstance(dataset, Mapping) else type(dataset))


def is_list(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether it is a list or a tuple of a config, not a text."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def _sets(dataset: Any) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    map_sets(dataset, lambda name, settings: found.append((name, settings)))
    return found
