"""MMPose's COCO-style annotation files of face data sets."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation

_SCALE_UNIT = 200.0  # MMPose stores box sides divided by this


def read_mmpose_json(path: str | Path, box_source: BoxSource) -> Iterator[FaceAnnotation]:
    """Faces of an MMPose face JSON, in file order.

    The box is ``center`` and ``scale`` (square, side ``200 * scale``) where given, else ``bbox`` (x, y, w, h); MMPose's
    padding by 1.25 is not applied here but by its transforms. Landmarks with visibility 0 are not annotated.

    Raises:
        AnnotationError: the file is not JSON, or an entry lacks a field or has one of the wrong kind; the message
            names file and annotation id.
    """
    try:
        content = json.loads(Path(path).read_text())
    except json.JSONDecodeError as error:
        raise AnnotationError(f'{path}:{error.lineno}: not valid JSON: {error.msg}.') from None
    names = {}
    for number, image in enumerate(_section(content, 'images', path)):
        with _named(f'{path}: image {number}'):
            names[image['id']] = image['file_name']
    for number, entry in enumerate(_section(content, 'annotations', path)):
        source = f'{path}: annotation {entry.get("id", f"number {number}")}'
        with _named(source):
            face = _face(entry, names, source, box_source)
        yield face


def _section(content: Any, name: str, path: str | Path) -> list[dict[str, Any]]:
    section = content.get(name) if isinstance(content, dict) else None
    if not isinstance(section, list) or not all(isinstance(entry, dict) for entry in section):
        raise AnnotationError(f'{path}: the section {name!r} is missing, or is not a list of objects.')
    return section


@contextmanager
def _named(source: str) -> Iterator[None]:
    """Say which entry lacks a field."""
    try:
        yield
    except KeyError as error:
        raise AnnotationError(f'{source}: {error} is missing.') from None


def _numbers(entry: dict[str, Any], key: str, count: int, source: str) -> NDArray[np.float64]:
    """The field ``key`` as ``count`` numbers."""
    try:
        values = np.array(entry[key], np.float64).ravel()
    except (TypeError, ValueError):
        values = np.empty(0)
    if len(values) != count:
        raise AnnotationError(f'{source}: {key} must be {count} numbers. Got {entry[key]!r}.')
    return values


def _face(entry: dict[str, Any], names: dict[int, str], source: str, box_source: BoxSource) -> FaceAnnotation:
    count = np.size(entry['keypoints'])
    if count % 3:
        raise AnnotationError(f'{source}: keypoints must be triples of x, y, v. Got {count} numbers.')
    triples = _numbers(entry, 'keypoints', count, source).reshape(-1, 3)
    if 'center' in entry and 'scale' in entry:
        centre = _numbers(entry, 'center', 2, source)
        half = _numbers(entry, 'scale', 1, source) * _SCALE_UNIT / 2
        box = np.concatenate((centre - half, centre + half))
    else:
        x, y, width, height = _numbers(entry, 'bbox', 4, source)
        box = np.array([x, y, x + width, y + height], np.float64)
    return FaceAnnotation(
        image=names[entry['image_id']],
        landmarks=triples[:, :2],
        box=box,
        source=source,
        annotated=(triples[:, 2] > 0).astype(np.float32),
        box_source=box_source,
    )
