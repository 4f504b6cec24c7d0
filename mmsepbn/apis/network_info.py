"""What prediction needs to know of a network, from its config."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from mmsepbn.datasets.config_sets import dataset_configs
from mmsepbn.datasets.transforms.face_crop import FaceCrop, RandomFaceCrop
from mmsepbn.protocols import get_protocol
from mmsepbn.runtime.network import NetworkInfo
from mmsepbn.type_name import type_name

Crop = tuple[tuple[int, int], float, bool]

_CROPS = {kind.__name__: kind for kind in (FaceCrop, RandomFaceCrop)}


def network_info(config: Mapping[str, Any]) -> NetworkInfo:
    """The protocols of the head's branches, and the crop of the test sets, of training's where there is no test set.

    Raises:
        ValueError: the head is not a MultiProtocolHead, or no set is cropped by FaceCrop (one message names both); or
            sets are cropped differently.
    """
    head = (config.get('model') or {}).get('head') or {}
    crops = set(_crops(config, training=False)) or set(_crops(config, training=True))
    missing = []
    if not head.get('protocols'):
        missing.append(
            'have model.head=dict(type="mmsepbn.MultiProtocolHead", protocols=[...]), which names branches. '
            f'Got a head of type {type_name(head.get("type"))}.'
        )
    if not crops:
        missing.append('cut faces out by mmsepbn.FaceCrop in the pipeline of a data set. Got none.')
    if missing:
        raise ValueError(f'The config must {" It must ".join(missing)}')
    size, padding, antialias = _common_crop(crops)
    return NetworkInfo(tuple(get_protocol(name) for name in head['protocols']), size, padding, antialias=antialias)


def _common_crop(crops: set[Crop]) -> Crop:
    if len(crops) > 1:
        found = ', '.join(
            f'input_size={size} padding={padding} antialias={flag}' for size, padding, flag in sorted(crops)
        )
        raise ValueError(
            f"FaceCrop(input_size=, padding=, antialias=) must be the same for all of a network's sets. Got {found}."
        )
    return crops.pop()


def _crops(config: Mapping[str, Any], training: bool) -> Iterator[Crop]:
    for use in dataset_configs(config):
        if use.training is training and isinstance(use.config, Mapping):
            for transform in use.config.get('pipeline') or ():
                if kind := _CROPS.get(type_name(transform.get('type'))):
                    yield _crop(kind, transform)


def _crop(kind: type[FaceCrop], transform: Mapping[str, Any]) -> Crop:
    """What a transform's settings say, or else the defaults of its class."""
    known = inspect.signature(kind).parameters
    (width, height), padding, antialias = (
        transform.get(name, known[name].default) for name in ('input_size', 'padding', 'antialias')
    )
    return (int(width), int(height)), float(padding), bool(antialias)
