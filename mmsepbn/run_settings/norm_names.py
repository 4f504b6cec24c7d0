"""The norm layers that a config names: MMCV's error for an unknown one says neither the name nor where it stands."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import MODELS

from mmsepbn.config_walk import walk
from mmsepbn.models import norms
from mmsepbn.suggestion import suggestion

_SCOPES = ('', 'mmengine', 'mmpose', 'mmsepbn')


def _letters(name: str) -> str:
    """What names are compared by, whatever their case and scope."""
    return name.rpartition('.')[2].lower()


_OWN = (f'mmsepbn.{name}' for name in dir(norms) if name[0].isupper())
_KNOWN = {_letters(name): name for name in ('BN', 'SyncBN', 'GN', 'LN', 'IN', *_OWN)}


def unknown_norms(config: Config) -> list[str]:
    """A sentence for each ``norm_cfg`` of the model whose ``type`` MMCV would not find, with the nearest known one.

    Parts of other packages, which have norms of their own, are left out.
    """
    with MODELS.switch_scope_and_registry(config.get('default_scope') or 'mmengine') as registry:
        return [
            f'{place}.type={name!r} is no norm layer.{suggestion(_letters(name), _KNOWN)}'
            for place, name in _norms(config.get('model'))
            if registry.get(name) is None
        ]


def _norms(model: Any) -> Iterator[tuple[str, str]]:
    for place, part in walk(model, 'model', lambda part: _scope(part) in _SCOPES):
        if place.endswith('.norm_cfg') and isinstance(part, Mapping) and isinstance(part.get('type'), str):
            yield place, part['type']


def _scope(part: Any) -> str:
    if not isinstance(part, Mapping):
        return ''
    return part.get('_scope_') or str(part.get('type', '')).rpartition('.')[0]
