"""The face data sets inside of wrappers."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmsepbn.datasets.face_dataset import FaceDataset


def face_datasets(dataset: Any) -> Iterator[FaceDataset]:
    """The face data sets of a data set, see :func:`nested_datasets`; empty for a foreign one."""
    return (each for each in nested_datasets(dataset) if isinstance(each, FaceDataset))


def nested_datasets(dataset: Any) -> Iterator[Any]:
    """A data set and those that it wraps, from outside in and each once.

    Wrappers are those of MMEngine, MMPose, torch and this package, nested in any way, and all others that keep what
    they wrap in ``dataset`` or ``datasets``, a sequence or a mapping.
    """
    seen: set[int] = set()
    waiting = [dataset]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if not isinstance(current, FaceDataset):
            waiting[:0] = _wrapped(current)


def _wrapped(dataset: Any) -> list[Any]:
    # `_dataset` is that of MMEngine's loaders with num_batch_per_epoch.
    inner = [vars(dataset).get(name) for name in ('dataset', '_dataset')] if hasattr(dataset, '__dict__') else []
    several = getattr(dataset, 'datasets', None) or ()
    several = several.values() if isinstance(several, Mapping) else several
    return [each for each in (*inner, *several) if each is not None]
