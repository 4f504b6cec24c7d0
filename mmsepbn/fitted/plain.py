"""Box maps and a calibration as plain values, which JSON files and checkpoints hold, and back.

What is damaged raises AttributeError, TypeError or ValueError; readers say of which file.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration


def box_maps_of(values: Mapping[str, Any]) -> dict[str, BoxMap]:
    """The maps of detectors' boxes, by name."""
    return {str(name): BoxMap(**fields) for name, fields in values.items()}


def calibration_of(values: Mapping[str, Any] | None) -> Calibration | None:
    """The calibration, if there is one."""
    return None if values is None else Calibration(**values)


def plain_of(box_maps: Mapping[str, BoxMap], calibration: Calibration | None) -> dict[str, Any]:
    """Both, under the names that they have in :class:`NetworkInfo`."""
    return dict(
        box_maps={name: asdict(box_map) for name, box_map in box_maps.items()},
        calibration=None if calibration is None else asdict(calibration),
    )
