"""MMPose's COCO-style annotation files of face data sets."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation

_SCALE_UNIT = 200.0  # MMPose stores box sides divided by this


def read_mmpose_json(path: str | Path, box_source: BoxSource) -> Iterator[FaceAnnotation]:
    """Faces of an MMPose face JSON, in file order.

    The box is ``center`` and ``scale`` (square, side ``200 * scale``) where given, else ``bbox`` (x, y, w, h); MMPose's
    padding by 1.25 is not applied here but by its transforms. Landmarks with visibility 0 are not annotated.

    Raises:
        AnnotationError: the file is not JSON, or an entry lacks a field; the message names file and annotation id.
    """
    try:
        content = json.loads(Path(path).read_text())
    except json.JSONDecodeError as error:
        raise AnnotationError(f'{path}:{error.lineno}: not valid JSON: {error.msg}.') from None
    for section in ('images', 'annotations'):
        if section not in content:
            raise AnnotationError(f'{path}: the section {section!r} is missing.')
    names = {image['id']: image['file_name'] for image in content['images']}
    for entry in content['annotations']:
        source = f'{path}: annotation {entry.get("id")}'
        try:
            yield _face(entry, names, source, box_source)
        except KeyError as error:
            raise AnnotationError(f'{source}: {error} is missing.') from None


def _face(entry: dict[str, Any], names: dict[int, str], source: str, box_source: BoxSource) -> FaceAnnotation:
    values = np.array(entry['keypoints'], np.float64)
    if values.size % 3:
        raise AnnotationError(f'{source}: keypoints must be triples of x, y, v. Got {values.size} numbers.')
    triples = values.reshape(-1, 3)
    if 'center' in entry and 'scale' in entry:
        centre, half = np.array(entry['center'], np.float64), entry['scale'] * _SCALE_UNIT / 2
        box = np.concatenate((centre - half, centre + half))
    else:
        x, y, width, height = entry['bbox']
        box = np.array([x, y, x + width, y + height], np.float64)
    return FaceAnnotation(
        image=names[entry['image_id']],
        landmarks=triples[:, :2],
        box=box,
        source=source,
        annotated=(triples[:, 2] > 0).astype(np.float32),
        box_source=box_source,
    )
