"""The parts of COCO-style JSON files that all readers of them share."""

from itertools import chain
from pathlib import Path
from reprlib import repr as short
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError

SCALE_UNIT = 200.0  # MMPose stores box sides divided by this


def section_of(content: Any, name: str, path: str | Path) -> list[dict[str, Any]]:
    """A section of the file, a list of objects."""
    section = content.get(name) if isinstance(content, dict) else None
    if not isinstance(section, list) or not all(isinstance(entry, dict) for entry in section):
        raise AnnotationError(f'{path}: the section {name!r} is missing, or is not a list of objects.')
    return section


def field_of(entry: dict[str, Any], key: str, source: str) -> Any:
    """A required field of an entry."""
    if key not in entry:
        raise AnnotationError(f'{source}: {key!r} is missing.')
    return entry[key]


def image_names(content: Any, path: str | Path) -> dict[int | str, str]:
    """File names of the section ``images`` by id; AnnotationError where an image lacks one, or two have one id."""
    names: dict[int | str, str] = {}
    for number, image in enumerate(section_of(content, 'images', path)):
        source = f'{path}: image {number}'
        key, name = _id_of(image, 'id', source), field_of(image, 'file_name', source)
        if not isinstance(name, str) or not name:
            raise AnnotationError(f'{source}: file_name must be the name of a file. Got {short(name)}.')
        if names.get(key, name) != name:
            raise AnnotationError(f'{source}: the id {short(key)} is already that of {short(names[key])}.')
        names[key] = name
    return names


def image_of(entry: dict[str, Any], names: dict[int | str, str], source: str) -> str:
    """The file name of an annotation's image."""
    image = _id_of(entry, 'image_id', source)
    if image not in names:
        raise AnnotationError(f'{source}: image_id {short(image)} is not the id of any image.')
    return names[image]


def _id_of(entry: dict[str, Any], key: str, source: str) -> int | str:
    value = field_of(entry, key, source)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as pandas and numpy write them
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise AnnotationError(f'{source}: {key} must be a whole number or text. Got {short(value)}.')
    return value


def numbers_of(entry: dict[str, Any], key: str, source: str, count: int | None = None) -> NDArray[np.float64]:
    """The field ``key`` as ``count`` numbers (None: any), which may be in rows of one length."""
    value = field_of(entry, key, source)
    rows = value if isinstance(value, list) else [value]
    nested = bool(rows) and all(isinstance(row, list) for row in rows)
    flat = list(chain.from_iterable(rows)) if nested else rows
    if nested and len({len(row) for row in rows}) > 1:
        raise AnnotationError(f'{source}: {key} must be in rows of one length. Got {short(value)}.')
    try:
        # Not bool and str, which numpy would convert.
        numbers = np.array(flat, np.float64) if set(map(type, flat)) <= {int, float} else None
    except OverflowError:
        numbers = None
    if numbers is None or count not in (None, len(numbers)):
        raise AnnotationError(f'{source}: {key} must be {count or len(flat)} numbers. Got {short(value)}.')
    return numbers


def box_of(entry: dict[str, Any], source: str) -> NDArray[np.float64]:
    """The box (4,) x1, y1, x2, y2, of MMPose's ``center`` and ``scale`` where given, else of ``bbox``, x, y, w, h."""
    if 'center' in entry and 'scale' in entry:
        x, y = numbers_of(entry, 'center', source, 2).tolist()
        (scale,) = numbers_of(entry, 'scale', source, 1).tolist()
        half = scale * SCALE_UNIT / 2
        return np.array((x - half, y - half, x + half, y + half))
    x, y, width, height = numbers_of(entry, 'bbox', source, 4).tolist()
    return np.array((x, y, x + width, y + height))
