"""300W's layout: folders of images with a .pts file each, and detector boxes by folder."""

from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

import numpy as np
import scipy.io
from numpy.typing import NDArray

from mmsepbn.boxes import box_around
from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.datasets.formats.pts_file import pts_files
from mmsepbn.listing import shortened
from mmsepbn.protocols import FACE_300W
from mmsepbn.user_error import UserError
from mmsepbn.write_image import write_image

_TRAIN = (('afw', '.jpg'), ('helen/trainset', '.jpg'), ('lfpw/trainset', '.png'))
_COMMON = (('helen/testset', '.jpg'), ('lfpw/testset', '.png'))
_CHALLENGING = ('ibug', '.jpg')
Entries = dict[str, list[tuple[str, NDArray[np.float64], NDArray[np.float64]]]]  # image, detector, tight box


def write_face300w(root: Path, train: Iterable[AnnotatedFace], test: Iterable[AnnotatedFace]) -> None:
    """Write afw, helen, lfpw, ibug and ``Bounding Boxes``; coordinates are 1-based.

    Training faces go to their three folders in turn. Test faces that are turned to a side go to ibug, the others to
    helen, lfpw and ibug in turn.

    Raises:
        UserError: at the end, where a folder has .pts files of other faces, which would belong to the set.
    """
    root = Path(root)
    boxes: Entries = {folder: [] for folder, _ in (*_TRAIN, *_COMMON, _CHALLENGING)}
    for index, face in enumerate(train):
        _write_face(root, *_TRAIN[index % 3], face, boxes)
    turn = cycle((*_COMMON, _CHALLENGING))
    for face in test:
        _write_face(root, *(next(turn) if face.domain == 'frontal' else _CHALLENGING), face, boxes)
    for folder, entries in boxes.items():
        _write_boxes(root / 'Bounding Boxes' / f'bounding_boxes_{folder.replace("/", "_")}.mat', entries)
    written = {(root / folder / name).with_suffix('.pts') for folder in boxes for name, *_ in boxes[folder]}
    if others := [str(file) for folder in boxes for file in pts_files(root / folder) if file not in written]:
        raise UserError(
            f'{root} must have no .pts files of other faces: they belong to the set, but have no detector box. Its '
            f'new faces are written; remove the {len(others)} others:\n  {shortened(others)}'
        )


def _write_face(root: Path, folder: str, suffix: str, face: AnnotatedFace, boxes: Entries) -> None:
    image = root / folder / f'{face.name}{suffix}'
    write_image(image, face.image)
    landmarks = face.marked(FACE_300W)
    points = '\n'.join(f'{x + 1:.6f} {y + 1:.6f}' for x, y in landmarks)
    text = f'version: 1\nn_points:  {FACE_300W.num_landmarks}\n{{\n{points}\n}}\n'
    image.with_suffix('.pts').write_text(text)
    boxes[folder].append((image.name, np.array(face.box), box_around(landmarks)))


def _write_boxes(path: Path, entries: list[tuple[str, NDArray[np.float64], NDArray[np.float64]]]) -> None:
    """A 1 x N cell of 1 x 1 structs with imgName, bb_detector and bb_ground_truth, boxes 1-based."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = np.empty((1, len(entries)), object)
    for index, (name, detector, tight) in enumerate(entries):
        cells[0, index] = {'imgName': name, 'bb_detector': detector[None] + 1, 'bb_ground_truth': tight[None] + 1}
    scipy.io.savemat(path, {'bounding_boxes': cells})
