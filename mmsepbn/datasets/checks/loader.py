"""Data loaders that would train nothing, or test only a part."""

from collections.abc import Mapping
from typing import Any

from torch.utils.data import DataLoader, Dataset

_JOIN = 'ConcatDataset and MultiProtocolDataset join sets'


def settings_problem(loader: Any) -> str | None:
    """Why a loader cannot be built from its settings; None if no problem is found."""
    if isinstance(loader, DataLoader):
        return None
    if not isinstance(loader, Mapping):
        return f'must be one loader, a dict; {_JOIN}. Got {_kind(loader)}.'
    for key in ('dataset', 'sampler'):
        if key not in loader:
            return f'must have {key!r}. It has {sorted(loader)}.'
    workers = loader.get('num_workers', 0)
    if not isinstance(workers, int) or workers < 0:
        return f'num_workers must be a whole number from 0 on. Got {workers!r}.'
    size = loader.get('batch_size', 1)
    if loader.get('batch_sampler') is None and (not isinstance(size, int) or size < 1):
        return f'batch_size must be a whole number from 1 on. Got {size!r}.'
    dataset = loader['dataset']
    if not isinstance(dataset, Mapping | Dataset):
        return f'must have one dataset, a dict; {_JOIN}. Got {_kind(dataset)}.'
    return None


def loader_problem(loader: DataLoader, training: bool) -> str | None:
    """Why a loader would train nothing, or drop faces of a test; None if it does neither."""
    dataset: Any = loader.dataset
    sampler: Any = loader.sampler
    batches: Any = loader if loader.batch_sampler is None else loader.batch_sampler
    drops, size = getattr(batches, 'drop_last', False), getattr(batches, 'batch_size', None)
    try:
        steps, faces = len(loader), len(getattr(batches, 'sampler', sampler))
    except TypeError:  # a sampler without end
        return None
    if not steps and faces and drops:
        return f'batch_size={size} with drop_last=True leaves no batch of {faces} faces.'
    if not steps and (training or not len(dataset)):  # a rank may have no face of a small test
        return 'gets no faces.'
    if drops and not training and size and faces % size:
        return f'drop_last=True drops {faces % size} of {faces} faces, so the results would not include them.'
    return None


def _kind(value: Any) -> str:
    return f'{type(value).__name__} of {len(value)}' if isinstance(value, list | tuple) else repr(value)
