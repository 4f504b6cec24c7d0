"""WFLW's layout: images in event folders and one line of 207 fields per face."""

from collections.abc import Iterable
from pathlib import Path

from mmsepbn.datasets.annotated_face import TAGS, AnnotatedFace
from mmsepbn.protocols import WFLW
from mmsepbn.write_image import write_image

IMAGES = Path('WFLW_images')
LISTS = Path('WFLW_annotations', 'list_98pt_rect_attr_train_test')


def write_wflw(root: Path, train: Iterable[AnnotatedFace], test: Iterable[AnnotatedFace]) -> None:
    """Write ``WFLW_images/<event>/<name>.jpg`` and ``list_98pt_rect_attr_{train,test}.txt`` below ``root``.

    The event of a face is the place it turns to. Faces are written as they come, so generators may be passed.
    """
    root = Path(root)
    (root / LISTS).mkdir(parents=True, exist_ok=True)
    for split, faces in (('train', train), ('test', test)):
        with (root / LISTS / f'list_98pt_rect_attr_{split}.txt').open('w', newline='\n') as lines:
            for face in faces:
                place = f'{split}--{face.domain}/{face.name}.jpg'
                write_image(root / IMAGES / place, face.image)
                lines.write(wflw_line(face, place) + '\n')


def wflw_line(face: AnnotatedFace, place: str) -> str:
    """The 207 fields of one face; ``place`` is the image's path below ``WFLW_images``, without blanks."""
    if any(map(str.isspace, place)):
        raise ValueError(f'wflw_line(place=) must have no blanks. Got {place!r}.')
    coordinates = [f'{value:.6f}' for value in face.marked(WFLW).ravel()]
    rectangle = [str(round(value)) for value in face.box]
    flags = [str(int(tag in face.tags)) for tag in TAGS]
    return ' '.join((*coordinates, *rectangle, *flags, place))
