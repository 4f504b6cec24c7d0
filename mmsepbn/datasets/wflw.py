"""WFLW: 98 landmarks, six attribute subsets."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from mmsepbn.datasets.annotation import AnnotationError, FaceAnnotation, parse_numbers
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.text_file import read_lines
from mmsepbn.protocols import WFLW, Protocol
from mmsepbn.registry import DATASETS

_NUM_COORDINATES = 2 * WFLW.num_landmarks
_NUM_FIELDS = _NUM_COORDINATES + 4 + len(WFLW.subsets) + 1


@DATASETS.register_module()
class WFLWDataset(FaceDataset):
    """WFLW from its official lists, or from MMPose's JSON. Arguments: see :class:`FaceDataset`.

    ``ann_file`` is ``list_98pt_rect_attr_{train,test}.txt``: 207 fields a line, namely x, y of 98 landmarks (image
    pixels, as they are), the rectangle x1 y1 x2 y2 (called a detection; in 257 faces it was the exact bounds of the
    landmarks), six 0/1 attributes and the image path. A face's subsets are its attributes. Train 7500, test 2500 faces.
    With a JSON there are no subsets, and boxes surround the true landmarks.
    """

    PROTOCOL: ClassVar[Protocol] = WFLW

    def read_official(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of an official list, one a line."""
        for number, line in enumerate(read_lines(path), start=1):
            if line.strip():
                yield _parse_line(line, f'{path}:{number}')


def _parse_line(line: str, source: str) -> FaceAnnotation:
    fields = line.split()
    if len(fields) != _NUM_FIELDS:
        raise AnnotationError(f'{source}: expected {_NUM_FIELDS} fields separated by blanks. Got {len(fields)}.')
    numbers = parse_numbers(fields[:-1], source)
    flags = numbers[_NUM_COORDINATES + 4 :]
    if not set(flags) <= {0.0, 1.0}:
        raise AnnotationError(f'{source}: the six attributes must be 0 or 1. Got {flags.tolist()}.')
    return FaceAnnotation(
        image=fields[-1],
        landmarks=numbers[:_NUM_COORDINATES].reshape(-1, 2),
        box=numbers[_NUM_COORDINATES : _NUM_COORDINATES + 4],
        source=source,
        subsets=tuple(name for name, flag in zip(WFLW.subsets, flags, strict=True) if flag),
    )
