"""Settings of a checkpoint that are found after training: maps of boxes, and the calibration of its confidence.

They are stored in a JSON file next to the checkpoint, which does not change, so training can still be resumed from it.
A published checkpoint has the same content in ``meta['prediction']``.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from os.path import isfile  # Path.is_file raises where a name is too long, as an address may be
from pathlib import Path
from typing import Any

from mmsepbn.datasets.formats.coco_file import load_json
from mmsepbn.file_digest import file_sha256
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.whole_file import write_whole
from mmsepbn.zoo.resolve import newest_calibration


def settings_file(checkpoint: str | Path) -> Path:
    """The file next to a checkpoint: ``epoch_500.prediction.json`` of ``epoch_500.pth``."""
    return Path(checkpoint).with_suffix('.prediction.json')


def read_settings(source: str | Path | Mapping[str, Any]) -> dict[str, Any]:
    """What is stored for a checkpoint, given by its path or its content; empty where there is nothing.

    Raises:
        ValueError: the file was made for another checkpoint of the name, or is damaged.
    """
    if isinstance(source, Mapping):
        stored = (source.get('meta') or {}).get('prediction') or {}
        return dict(stored) if isinstance(stored, Mapping) else {}
    file = settings_file(source)
    if not isfile(file):
        return {}
    stored = load_json(file)
    if not isinstance(stored, dict) or stored.get('checkpoint_sha256') != file_sha256(Path(source)):
        raise ValueError(f'{file} was made for another checkpoint than {source}: make it again, or remove it.')
    return stored


def box_maps_of(source: str | Path | Mapping[str, Any]) -> dict[str, BoxMap]:
    """Maps from the boxes of detectors to those of the training set, by the detector's name; ``box_map_for`` chooses.

    Args:
        source: path of a checkpoint, next to which the file is stored, or the content of a published one.

    Raises:
        ValueError: see :func:`read_settings`.
    """
    return _maps_in(read_settings(source), _name(source))


def _maps_in(stored: Mapping[str, Any], place: str) -> dict[str, BoxMap]:
    maps = stored.get('box_maps') or {}
    try:
        return {
            str(name): BoxMap(**{key: float(value) for key, value in fields.items()}) for name, fields in maps.items()
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f'box_maps of {place} are damaged: {error}') from None


def calibration_of(source: str | Path | Mapping[str, Any]) -> Calibration | None:
    """The calibration of the confidence; None if not calibrated. See :func:`box_maps_of`."""
    return _calibration_in(read_settings(source), _name(source))


def _calibration_in(stored: Mapping[str, Any], place: str) -> Calibration | None:
    fields = stored.get('calibration')
    try:
        return None if fields is None else Calibration(**fields)
    except (TypeError, ValueError) as error:
        raise ValueError(f'The calibration of {place} is damaged: {error}') from None


def prediction_settings(path: str | Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of NetworkInfo that are found after training, in a published checkpoint or, with precedence, next to it.

    Raises:
        ValueError: the file next to it belongs to another checkpoint, or is damaged.
    """
    published = (read_settings(content), _name(content))
    beside = (read_settings(path), _name(path))  # reading it hashes the checkpoint
    return dict(
        box_maps=_maps_in(*published) | _maps_in(*beside),
        calibration=_calibration_in(*beside) or newest_calibration(path) or _calibration_in(*published),
    )


def store(
    checkpoint: str | Path, box_maps: Mapping[str, BoxMap] | None = None, calibration: Calibration | None = None
) -> Path:
    """Add maps, or a calibration, to what is stored for a checkpoint; returns the file. Other entries are kept."""
    file = settings_file(checkpoint)
    digest = file_sha256(Path(checkpoint))
    try:
        stored = read_settings(checkpoint)
    except ValueError:
        stored = {}  # of a checkpoint that is no longer there
    maps = {name: asdict(box_map) for name, box_map in (box_maps or {}).items()}
    stored |= dict(checkpoint_sha256=digest, box_maps=(stored.get('box_maps') or {}) | maps)
    if calibration is not None:
        stored['calibration'] = asdict(calibration)
    write_whole(file, f'{json.dumps(stored, indent=1, allow_nan=False)}\n'.encode())
    return file


def _name(source: str | Path | Mapping[str, Any]) -> str:
    return "a checkpoint's meta" if isinstance(source, Mapping) else str(settings_file(source))
