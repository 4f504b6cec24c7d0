"""Settings of a checkpoint that are found after training: maps of boxes, and the calibration of its confidence.

They are stored in a JSON file next to the checkpoint, which does not change, so training can still be resumed from it.
A published checkpoint has the same content in ``meta['prediction']``.
"""

from collections.abc import Mapping
from os.path import isfile  # Path.is_file raises where a name is too long, as an address may be
from pathlib import Path
from typing import Any

from mmsepbn.datasets.formats.json_file import load_json
from mmsepbn.file_digest import file_sha256
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.fitted.plain import box_maps_of, calibration_of, plain_of
from mmsepbn.whole_file import write_json
from mmsepbn.zoo.resolve import newest_calibration


def settings_file(checkpoint: str | Path) -> Path:
    """The file next to a checkpoint: ``epoch_500.prediction.json`` of ``epoch_500.pth``."""
    return Path(checkpoint).with_suffix('.prediction.json')


def prediction_settings(path: str | Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of NetworkInfo that are found after training, in a published checkpoint or, with precedence, next to it.

    Raises:
        ValueError: the file next to it belongs to another checkpoint, or is damaged.
    """
    published, beside = _published(content), _beside(path)  # the latter hashes the checkpoint
    inside, outside = "a checkpoint's meta", str(settings_file(path))
    return dict(
        box_maps=_box_maps(published, inside) | _box_maps(beside, outside),
        calibration=_calibration(beside, outside) or newest_calibration(path) or _calibration(published, inside),
    )


def _published(content: Mapping[str, Any]) -> Mapping[str, Any]:
    stored = (content.get('meta') or {}).get('prediction')
    return stored if isinstance(stored, Mapping) else {}


def _beside(checkpoint: str | Path, digest: str | None = None) -> dict[str, Any]:
    """What is stored next to a checkpoint, whose SHA-256 may be known; empty where there is nothing."""
    file = settings_file(checkpoint)
    if not isfile(file):
        return {}
    stored = load_json(file)
    if not isinstance(stored, dict) or stored.get('checkpoint_sha256') != (digest or file_sha256(Path(checkpoint))):
        raise ValueError(f'{file} was made for another checkpoint than {checkpoint}: make it again, or remove it.')
    return stored


def _box_maps(stored: Mapping[str, Any], place: str) -> dict[str, BoxMap]:
    """Maps from the boxes of detectors to those of the training set, by the detector's name."""
    try:
        return box_maps_of(stored.get('box_maps') or {})
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f'box_maps of {place} are damaged: {error}') from None


def _calibration(stored: Mapping[str, Any], place: str) -> Calibration | None:
    try:
        return calibration_of(stored.get('calibration'))
    except (TypeError, ValueError) as error:
        raise ValueError(f'The calibration of {place} is damaged: {error}') from None


def store(
    checkpoint: str | Path, box_maps: Mapping[str, BoxMap] | None = None, calibration: Calibration | None = None
) -> Path:
    """Add maps, or a calibration, to what is stored for a checkpoint; returns the file. Other entries are kept."""
    file = settings_file(checkpoint)
    digest = file_sha256(Path(checkpoint))
    try:
        stored = _beside(checkpoint, digest)
    except ValueError:
        stored = {}  # of a checkpoint that is no longer there
    new = plain_of(box_maps or {}, calibration)
    stored |= dict(checkpoint_sha256=digest, box_maps=(stored.get('box_maps') or {}) | new['box_maps'])
    if calibration is not None:
        stored['calibration'] = new['calibration']
    write_json(file, stored)
    return file
