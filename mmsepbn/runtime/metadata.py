"""The metadata of an exported network in its ONNX file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from mmsepbn.fitted.plain import box_maps_of, calibration_of
from mmsepbn.protocols import Part, Protocol
from mmsepbn.runtime.network import NetworkInfo

_FORMAT_KEY, _FORMAT = 'mmsepbn_format', '1'
_CROP = (
    'Crops are uint8, BGR, (N, H, W, 3): the square box (box map of its detector; square on the longer side about the '
    'centre, times padding), resized so that its corners x1, y1, x2, y2 come to 0, 0, W, H, pixel centres being whole '
    'numbers; black outside of the image. An output is named as its protocol: (N, L, 2) x, y in pixels of the crop.'
)
# All others are plain text.
_JSON = (*(field.name for field in fields(NetworkInfo)), 'versions', 'network', 'training', 'results')


def metadata_of(info: NetworkInfo, about: Mapping[str, Any]) -> dict[str, str]:
    """The texts for a network; those that are not plain text are JSON.

    Args:
        info: how it is used.
        about: further metadata, by name: see :func:`mmsepbn.export.about.about_network`.
    """
    known = dict(about) | asdict(info) | dict(crop=_CROP)
    texts = {name: json.dumps(value) if name in _JSON else str(value) for name, value in known.items()}
    return {_FORMAT_KEY: _FORMAT} | texts


def read_metadata(texts: Mapping[str, str]) -> tuple[NetworkInfo, dict[str, Any]]:
    """The reverse of :func:`metadata_of`.

    Raises:
        ValueError: the texts are not those of a network of this package, of a later version's format, or damaged.
    """
    if _FORMAT_KEY not in texts:
        raise ValueError('it has no metadata of mmsepbn; tools/export.py writes files that do.')
    if texts[_FORMAT_KEY] != _FORMAT:
        raise ValueError(f'its metadata have the format {texts[_FORMAT_KEY]!r}, this version reads {_FORMAT!r}.')
    try:
        known: dict[str, Any] = {name: json.loads(text) if name in _JSON else text for name, text in texts.items()}
        width, height = known.pop('input_size')
        info = NetworkInfo(
            protocols=tuple(map(_protocol, known.pop('protocols'))),
            input_size=(int(width), int(height)),
            padding=float(known.pop('padding')),
            antialias=bool(known.pop('antialias', False)),  # files of before it lack it
            box_maps=box_maps_of(known.pop('box_maps')),
            calibration=calibration_of(known.pop('calibration')),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f'its metadata are damaged: {type(error).__name__}: {error}') from None
    return info, {name: value for name, value in known.items() if name not in (_FORMAT_KEY, 'crop')}


def _protocol(values: Mapping[str, Any]) -> Protocol:
    parts = tuple(Part(part['name'], tuple(part['indices']), part['closed']) for part in values['parts'])
    others = {name: _tuples(value) for name, value in values.items() if name != 'parts'}
    return Protocol(parts=parts, **others)


def _tuples(value: Any) -> Any:
    """Tuples in place of JSON's lists."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
