"""The zoo's index, a JSON file next to the networks' files."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.fitted.plain import box_maps_of, calibration_of
from mmsepbn.user_error import UserError
from mmsepbn.whole_file import write_json

FOLDER = Path(__file__).parent
NAME = re.compile(r'[a-z0-9][a-z0-9_-]*')
_FILE, _FORMAT = 'index.json', 1


class ZooError(UserError):
    """A network that cannot be read from or added to the zoo; the message says why."""


@dataclass(frozen=True)
class ZooFile:
    """A file of a network: its name, with the first eight digits of its SHA-256 in it, and its size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class ZooNetwork:
    """A published network.

    Attributes:
        name: of lower-case letters, digits, ``_`` and ``-``.
        summary: a sentence.
        onnx, checkpoint: its files; weights of both in half precision.
        config: file below ``configs/``, or its name where it lies elsewhere.
        protocols: names, in the order of the branches.
        input_size: width and height of a crop in pixels.
        box_maps: from a detector's boxes to those of training, see :class:`NetworkInfo`.
        network, training, results: what the ONNX file says too: classes and parameters; sets, epochs, seed, date,
            commit; label -> rows of FaceLandmarkMetric.
        source: commit of the working copy that wrote the files, and whether it differed from that.
        difference: the largest of a coordinate from the network with float32 weights, in image pixels, on ``tried_on``.
        data, fails: its training data and known failures, Markdown.
        licences: of ``code`` and of ``data``.
        calibration: of the confidence, see :class:`NetworkInfo`; it may have been measured after the files were made.
        test_faces: name of a set in ``results`` -> which faces it stands for.
    """

    name: str
    summary: str
    onnx: ZooFile
    checkpoint: ZooFile
    config: str
    protocols: tuple[str, ...]
    input_size: tuple[int, int]
    box_maps: Mapping[str, BoxMap]
    network: Mapping[str, Any]
    training: Mapping[str, Any]
    results: Mapping[str, Mapping[str, float]]
    source: Mapping[str, Any]
    difference: float
    tried_on: str
    data: str
    fails: str
    licences: Mapping[str, str]
    calibration: Calibration | None = None
    test_faces: Mapping[str, str] = field(default_factory=dict)


def read_index(folder: Path) -> tuple[ZooNetwork, ...]:
    """The networks of a folder, the first being the default; empty without an index.

    Raises:
        ZooError: the index is damaged, or of another version.
    """
    file = folder / _FILE
    if not file.exists():
        return ()
    try:
        content = json.loads(file.read_text(encoding='utf-8'))
        known = content['format'] == _FORMAT
        networks = tuple(map(_network, content['networks'])) if known else ()
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ZooError(f'{file} is damaged: {type(error).__name__}: {error}') from None
    if not known:
        raise ZooError(f'{file} has the format {content["format"]!r}, this version reads {_FORMAT}.')
    return networks


def write_index(folder: Path, networks: Sequence[ZooNetwork]) -> None:
    """Replace the index of a folder."""
    content = dict(format=_FORMAT, networks=[asdict(network) for network in networks])
    write_json(folder / _FILE, content)


def _network(entry: Mapping[str, Any]) -> ZooNetwork:
    width, height = entry['input_size']
    typed = dict(
        onnx=ZooFile(**entry['onnx']),
        checkpoint=ZooFile(**entry['checkpoint']),
        protocols=tuple(entry['protocols']),
        input_size=(width, height),
        box_maps=box_maps_of(entry['box_maps']),
        calibration=calibration_of(entry.get('calibration')),
    )
    return ZooNetwork(**{**entry, **typed})
