"""MMPose's COCO-style annotation files of face data sets."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from reprlib import repr as short
from typing import Any

import numpy as np

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation
from mmsepbn.datasets.formats.coco_file import box_of, image_names, image_of, numbers_of, section_of
from mmsepbn.datasets.formats.json_file import load_json

# The first pixel of landmarks and of boxes in MMPose's files, by protocol; 0 and 0 in the others.
FIRST_PIXELS = {'300w': (1, 1), 'cofw': (0, 1)}


def is_json(path: Path) -> bool:
    """Whether a path names a JSON file."""
    return path.suffix.lower() == '.json'


def read_mmpose_json(
    path: str | Path, box_source: BoxSource, first_pixels: tuple[int, int] = (0, 0)
) -> Iterator[FaceAnnotation]:
    """Faces of an MMPose face JSON, in file order and 0-based; ``first_pixels`` are those of its landmarks and boxes.

    The box is ``center`` and ``scale`` (square, side ``200 * scale``) where given, else ``bbox`` (x, y, w, h); MMPose's
    padding by 1.25 is not applied here but by its transforms. Landmarks with visibility 0 are not annotated.

    Raises:
        AnnotationError: the file is not JSON, an entry lacks a field or has one of the wrong kind, or two images have
            one id; the message names file and annotation id.
    """
    content = load_json(Path(path))
    names = image_names(content, path)
    for number, entry in enumerate(section_of(content, 'annotations', path)):
        face = _face(entry, names, f'{path}: annotation {short(entry.get("id", f"number {number}"))}', box_source)
        yield replace(face, landmarks=face.landmarks - first_pixels[0], box=face.box - first_pixels[1])


def _face(entry: dict[str, Any], names: dict[int | str, str], source: str, box_source: BoxSource) -> FaceAnnotation:
    values = numbers_of(entry, 'keypoints', source)
    if len(values) % 3:
        raise AnnotationError(f'{source}: keypoints must be triples of x, y, v. Got {len(values)} numbers.')
    triples = values.reshape(-1, 3)
    if not np.isfinite(triples[:, 2]).all():
        raise AnnotationError(f'{source}: v of keypoints must be finite. Got {triples[:, 2].tolist()}.')
    box = box_of(entry, source)
    return FaceAnnotation(
        image=image_of(entry, names, source),
        landmarks=triples[:, :2],
        box=box,
        source=source,
        annotated=(triples[:, 2] > 0).astype(np.float32),
        box_source=box_source,
    )
