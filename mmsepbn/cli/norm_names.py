"""The norm layers that a config names: MMCV's error for an unknown one says neither the name nor where it stands."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import MODELS

from mmsepbn.cli.read_keys import suggestion
from mmsepbn.models import norms

_OF_MMCV = ('BN', 'SyncBN', 'GN', 'LN', 'IN')
_OF_OURS = tuple(name for name in dir(norms) if name[0].isupper())


def unknown_norms(config: Config) -> list[str]:
    """A sentence for each ``norm_cfg`` of the model whose ``type`` MMCV would not find, with the nearest known one."""
    with MODELS.switch_scope_and_registry(config.get('default_scope') or 'mmengine') as registry:
        return [
            f'{place}.type={name!r} is no norm layer.{_nearest(name)}'
            for place, name in _norms(config.get('model'), 'model')
            if registry.get(name) is None
        ]


def _nearest(name: str) -> str:
    """By the letters of a name alone, whatever their case and scope."""
    known = {norm.lower(): norm for norm in _OF_MMCV} | {norm.lower(): f'mmsepbn.{norm}' for norm in _OF_OURS}
    meant = suggestion(name.rpartition('.')[2].lower(), known)
    return next((f' Did you mean {norm!r}?' for plain, norm in known.items() if f'{plain!r}' in meant), '')


def _norms(part: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, list | tuple):
        part = dict(enumerate(part))
    if not isinstance(part, Mapping):
        return
    for key, value in part.items():
        if key == 'norm_cfg' and isinstance(value, Mapping) and isinstance(value.get('type'), str):
            yield f'{place}.{key}', value['type']
        yield from _norms(value, f'{place}.{key}')
