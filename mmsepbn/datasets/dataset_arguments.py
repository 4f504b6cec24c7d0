"""Check the arguments of a face data set before anything is read."""

import inspect
import os
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from mmengine.dataset import BaseDataset

from mmsepbn.datasets.config_sets import is_list
from mmsepbn.datasets.formats.mmpose_json import is_json
from mmsepbn.datasets.formats.pts_list import is_pts_pattern
from mmsepbn.listing import shortened
from mmsepbn.suggestion import suggestion

_KNOWN = tuple(name for name in inspect.signature(BaseDataset.__init__).parameters if name != 'self')


def check_settings(owner: str, settings: Mapping[str, Any], own: Iterable[str] = ()) -> None:
    """Check names and types of the arguments that a face data set shares with MMEngine's BaseDataset.

    Args:
        owner: class of the data set, for messages.
        settings: the arguments by name.
        own: names of further arguments, for suggestions.

    Raises:
        ValueError: an argument that does not exist or has another type; ``data_prefix`` with a key other than ``img``.
    """
    for name in settings:
        if name not in _KNOWN:
            meant = suggestion(name, {*_KNOWN, *own}, cutoff=0.75)
            raise ValueError(f'{owner}({name}=) is no argument.{meant}')
    for name, expected, holds in (
        ('ann_file', 'the path of a file, as text', _is_text),
        ('data_root', 'the path of a folder, as text', _is_text),
        ('data_prefix', "dict(img=FOLDER), the images' folder below data_root", _is_prefix),
        ('pipeline', 'a list of transforms', is_list),
        ('metainfo', 'a dict', lambda value: value is None or isinstance(value, Mapping)),
        ('indices', 'a number of faces, or a list of places', _are_indices),
    ):
        if name in settings and not holds(settings[name]):
            raise ValueError(f'{owner}({name}=) must be {expected}. Got {settings[name]!r}.')


def check_indices(owner: str, indices: int | Sequence[int] | None, count: int) -> None:
    """Check that ``indices`` keep at least one of ``count`` faces, and are in range. Raises ValueError."""
    if indices is None:
        return
    if isinstance(indices, Sequence):
        outside = [place for place in indices if not -count <= place < count]
        if outside:
            listed = shortened([str(place) for place in outside], ', ')
            raise ValueError(f'{owner}(indices=) must be places of the {count} faces. Got [{listed}].')
    if not indices:
        raise ValueError(f'{owner}(indices=) must leave at least one of the {count} faces. Got {indices!r}.')


def refuse_choice(argument: str, value: object, default: object, ann_file: object) -> None:
    """Raise ValueError where a choice of official faces is set with a JSON or .pts files, which are read whole."""
    path = Path(str(ann_file))
    if value != default and (is_json(path) or is_pts_pattern(path)):
        raise ValueError(
            f'{argument} must be left out with ann_file={str(ann_file)!r}: a JSON or .pts files are read whole. '
            f'Got {value!r}.'
        )


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str | os.PathLike)


def _is_prefix(value: object) -> bool:
    return isinstance(value, Mapping) and all(key == 'img' and isinstance(path, str) for key, path in value.items())


def _are_indices(value: object) -> bool:
    if value is None or isinstance(value, Integral):
        return not isinstance(value, bool)
    return isinstance(value, Sequence) and all(isinstance(place, Integral) for place in value)
