"""WIDER FACE with five landmarks, for training alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from mmsepbn.datasets.annotation import AnnotationError, FaceAnnotation, parse_numbers
from mmsepbn.datasets.dataset_arguments import refuse_choice
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.text_file import read_lines
from mmsepbn.protocols import WIDER_FACE, Protocol
from mmsepbn.registry import DATASETS

MIN_SIZE = 80  # pixels; paper Sec. V-A
_NUM_NUMBERS = 4 + 3 * WIDER_FACE.num_landmarks + 1


@DATASETS.register_module()
class WiderFaceDataset(FaceDataset):
    """Large faces of WIDER FACE with the five landmarks of ``train/label.txt`` (RetinaFace's labels).

    Faces whose box is wider and higher than ``min_size`` and that have at least one annotated landmark; landmarks
    without annotation are masked. Coordinates are taken as they are. The paper counts 9770 faces. The lists of
    validation and test hold no landmarks.

    Args:
        min_size: pixels; width and height must be greater (paper Sec. V-A: 80). A JSON or .pts files are read whole.
        **kwargs: see :class:`FaceDataset`.
    """

    PROTOCOL: ClassVar[Protocol] = WIDER_FACE

    def __init__(self, *, min_size: float = MIN_SIZE, **kwargs: Any) -> None:
        refuse_choice('WiderFaceDataset(min_size=)', min_size, MIN_SIZE, kwargs.get('ann_file'))
        self.min_size = min_size
        super().__init__(**kwargs)

    def read_official(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces that are large enough and annotated, in the order of the file."""
        for face in read_labels(path):
            width, height = face.box[2:] - face.box[:2]
            if width > self.min_size and height > self.min_size and face.annotated is not None and face.annotated.any():
                yield face


def read_labels(path: Path) -> Iterator[FaceAnnotation]:
    """All faces of a label file, also small ones and ones without landmarks.

    Raises:
        AnnotationError: a line before any image, one that is not 20 numbers, or a wrong flag; names file and line.
    """
    image = None
    for number, line in enumerate(read_lines(path), start=1):
        source = f'{path}:{number}'
        if line.startswith('#'):
            image = line[1:].strip()
        elif line.strip():
            if image is None:
                raise AnnotationError(f'{source}: expected "# <image>" before the first face.')
            yield _face(line.split(), image, source)


def _face(fields: list[str], image: str, source: str) -> FaceAnnotation:
    if len(fields) != _NUM_NUMBERS:
        raise AnnotationError(
            f'{source}: expected {_NUM_NUMBERS} numbers: box, five landmarks with flags, blur. Got {len(fields)}; the '
            'lists of validation and test hold no landmarks.'
        )
    numbers = parse_numbers(fields, source)
    x, y, width, height = numbers[:4]
    points = numbers[4:-1].reshape(-1, 3)
    missing = points[:, 2] == -1
    if not (missing | (points[:, 2] >= 0)).all():
        raise AnnotationError(f'{source}: flags of landmarks must be -1 or at least 0. Got {points[:, 2].tolist()}.')
    if not np.array_equal(missing, (points[:, :2] == -1).all(axis=1)):
        raise AnnotationError(f'{source}: flag -1 must go exactly with the point -1, -1. Got {points.tolist()}.')
    return FaceAnnotation(
        image=image,
        landmarks=points[:, :2],
        box=np.array((x, y, x + width, y + height)),
        source=source,
        annotated=(~missing).astype(np.float32),
    )
