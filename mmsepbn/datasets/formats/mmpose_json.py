"""MMPose's COCO-style annotation files of face data sets."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from reprlib import repr as short
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation
from mmsepbn.datasets.formats.text_file import read_text

_SCALE_UNIT = 200.0  # MMPose stores box sides divided by this


def read_mmpose_json(path: str | Path, box_source: BoxSource) -> Iterator[FaceAnnotation]:
    """Faces of an MMPose face JSON, in file order.

    The box is ``center`` and ``scale`` (square, side ``200 * scale``) where given, else ``bbox`` (x, y, w, h); MMPose's
    padding by 1.25 is not applied here but by its transforms. Landmarks with visibility 0 are not annotated.

    Raises:
        AnnotationError: the file is not JSON, an entry lacks a field or has one of the wrong kind, or two images have
            one id; the message names file and annotation id.
    """
    content = _load(Path(path))
    names: dict[int | str, str] = {}
    for number, image in enumerate(_section(content, 'images', path)):
        source = f'{path}: image {number}'
        key, name = _id(image, 'id', source), _field(image, 'file_name', source)
        if not isinstance(name, str) or not name:
            raise AnnotationError(f'{source}: file_name must be the name of a file. Got {short(name)}.')
        if names.get(key, name) != name:
            raise AnnotationError(f'{source}: the id {short(key)} is already that of {short(names[key])}.')
        names[key] = name
    for number, entry in enumerate(_section(content, 'annotations', path)):
        yield _face(entry, names, f'{path}: annotation {short(entry.get("id", f"number {number}"))}', box_source)


def _load(path: Path) -> Any:
    try:
        return json.loads(read_text(path), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise AnnotationError(f'{path}:{error.lineno}: not valid JSON: {error.msg}.') from None
    except (AnnotationError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, AnnotationError):
            raise
        reason = 'too deep' if isinstance(error, RecursionError) else str(error) or type(error).__name__
        raise AnnotationError(f'{path}: not valid JSON: {reason}.') from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values under one key Python would keep the last."""
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'the key {short(twice)} stands twice in an object')
    return content


def _section(content: Any, name: str, path: str | Path) -> list[dict[str, Any]]:
    section = content.get(name) if isinstance(content, dict) else None
    if not isinstance(section, list) or not all(isinstance(entry, dict) for entry in section):
        raise AnnotationError(f'{path}: the section {name!r} is missing, or is not a list of objects.')
    return section


def _field(entry: dict[str, Any], key: str, source: str) -> Any:
    if key not in entry:
        raise AnnotationError(f'{source}: {key!r} is missing.')
    return entry[key]


def _id(entry: dict[str, Any], key: str, source: str) -> int | str:
    value = _field(entry, key, source)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as pandas and numpy write them
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise AnnotationError(f'{source}: {key} must be a whole number or text. Got {short(value)}.')
    return value


def _numbers(entry: dict[str, Any], key: str, source: str, count: int | None = None) -> NDArray[np.float64]:
    """The field ``key`` as ``count`` numbers (None: any), which may be in rows of one length."""
    value = _field(entry, key, source)
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


def _face(entry: dict[str, Any], names: dict[int | str, str], source: str, box_source: BoxSource) -> FaceAnnotation:
    values = _numbers(entry, 'keypoints', source)
    if len(values) % 3:
        raise AnnotationError(f'{source}: keypoints must be triples of x, y, v. Got {len(values)} numbers.')
    triples = values.reshape(-1, 3)
    if not np.isfinite(triples[:, 2]).all():
        raise AnnotationError(f'{source}: v of keypoints must be finite. Got {triples[:, 2].tolist()}.')
    box = _box(entry, source)
    image = _id(entry, 'image_id', source)
    if image not in names:
        raise AnnotationError(f'{source}: image_id {short(image)} is not the id of any image.')
    return FaceAnnotation(
        image=names[image],
        landmarks=triples[:, :2],
        box=box,
        source=source,
        annotated=(triples[:, 2] > 0).astype(np.float32),
        box_source=box_source,
    )


def _box(entry: dict[str, Any], source: str) -> NDArray[np.float64]:
    """x1, y1, x2, y2."""
    if 'center' in entry and 'scale' in entry:
        x, y = _numbers(entry, 'center', source, 2).tolist()
        (scale,) = _numbers(entry, 'scale', source, 1).tolist()
        half = scale * _SCALE_UNIT / 2
        return np.array((x - half, y - half, x + half, y + half))
    x, y, width, height = _numbers(entry, 'bbox', source, 4).tolist()
    return np.array((x, y, x + width, y + height))
