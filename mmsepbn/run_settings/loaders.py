"""Settings of data loaders."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from mmsepbn.datasets.config_sets import loader_configs

# What PyTorch refuses without workers.
_OF_WORKERS = ('persistent_workers', 'prefetch_factor', 'multiprocessing_context', 'timeout')


def loaders(config: Mapping[str, Any]) -> Iterator[MutableMapping[str, Any]]:
    """The existing loaders of a config, one or several for each part."""
    for _, loader in loader_configs(config):
        if isinstance(loader, MutableMapping):
            yield loader


def without_workers(config: Mapping[str, Any]) -> None:
    """Drop what only workers use from the loaders that have none, in place."""
    for loader in loaders(config):
        if not loader.get('num_workers'):
            for name in _OF_WORKERS:
                if loader.get(name):  # else it stays as it is: names of runs hang on it
                    del loader[name]
