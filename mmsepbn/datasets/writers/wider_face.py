"""WIDER FACE's layout with RetinaFace's five landmarks: one label file and event folders."""

from collections.abc import Iterable
from pathlib import Path

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.protocols import WIDER_FACE
from mmsepbn.write_image import write_image

_EVENT = '0--Drawn'


def write_wider_face(root: Path, train: Iterable[AnnotatedFace], test: Iterable[AnnotatedFace] = ()) -> None:
    """Write ``train/label.txt`` and ``train/images``; there are no test landmarks, so ``test`` must be empty.

    A face tagged ``occlusion`` has flag 1 (annotated, not visible) at all landmarks.
    """
    if next(iter(test), None) is not None:
        raise ValueError('write_wider_face(test=) must be empty: WIDER FACE has no test landmarks.')
    folder = Path(root) / 'train'
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / 'label.txt').open('w', newline='\n') as lines:
        for face in train:
            place = f'{_EVENT}/{face.name}.jpg'
            write_image(folder / 'images' / place, face.image)
            lines.write(f'# {place}\n{_line(face)}\n')


def _line(face: AnnotatedFace) -> str:
    x1, y1, x2, y2 = (round(value) for value in face.box)
    flag = float('occlusion' in face.tags)
    points = ' '.join(f'{x:.3f} {y:.3f} {flag}' for x, y in face.marked(WIDER_FACE))
    return f'{x1} {y1} {x2 - x1} {y2 - y1} {points} 0.5'
