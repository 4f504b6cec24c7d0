"""Check every image of a data set before training: is it intact, and are its faces in it?"""

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from mmsepbn.datasets.annotation import lies_outside
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.image_file import decode_image, image_bytes, is_jpeg, is_mat_image, read_image
from mmsepbn.datasets.formats.image_orientation import image_orientation
from mmsepbn.datasets.formats.jpeg_damage import jpeg_damage
from mmsepbn.processes.native_stderr import native_stderr

Boxes = Sequence[NDArray[np.floating]]

_AT_ONCE = 256
# How warnings of libjpeg about damaged data begin; OpenCV lets it print them and uses what comes out.
_DAMAGE = ('Corrupt JPEG data', 'Premature end of JPEG', 'Inconsistent progression', 'Invalid SOS')


class ImageFindings(NamedTuple):
    """What was found in the images of a data set.

    Attributes:
        problems: why images cannot be used.
        rotations: what the EXIF orientations of images mean for their landmarks.
    """

    problems: list[str]
    rotations: list[str]


def image_findings(dataset: FaceDataset) -> ImageFindings:
    """What is to say of the images of a data set; each is read once, on all cores, and doubtful ones again."""
    boxes: defaultdict[str, list[NDArray[np.floating]]] = defaultdict(list)
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        boxes[info['img_path']].extend(info['bbox'])
    images = list(boxes.items())
    said: list[tuple[str | None, str | None]] = []
    with ThreadPoolExecutor() as threads:  # decoders do not hold the interpreter's lock
        for start in range(0, len(images), _AT_ONCE):
            some = images[start : start + _AT_ONCE]
            with native_stderr() as lines:
                found = list(threads.map(_looked_at, *zip(*some, strict=True)))
            if _damage(lines):  # in one of them
                found = [_looked_at_alone(*image) for image in some]
            said += found
    return ImageFindings([problem for problem, _ in said if problem], [rotation for _, rotation in said if rotation])


def image_problems(dataset: FaceDataset) -> list[str]:
    """The problems of :func:`image_findings`."""
    return image_findings(dataset).problems


def image_problem(path: str, boxes: Boxes) -> str | None:
    """Why an image cannot be used; None if it can.

    It is unreadable, is damaged, or a face's box lies entirely outside it.

    Args:
        path: as :func:`read_image` takes it.
        boxes: (4,) x1, y1, x2, y2 of the faces in it, in pixels.
    """
    return _looked_at_alone(path, boxes)[0]


def rotation_of(path: str, data: bytes) -> str | None:
    """What the EXIF orientation of an image file's content means for its landmarks; None if it has none."""
    if (orientation := image_orientation(data)) == 1:
        return None
    return (
        f'The image {path} has the EXIF orientation {orientation}, so viewers rotate it; its landmarks are assumed to '
        'refer to the stored pixels. Check that they do, and save the image without this tag.'
    )


def _looked_at_alone(path: str, boxes: Boxes) -> tuple[str | None, str | None]:
    with native_stderr() as lines:
        problem, rotation = _looked_at(path, boxes)
    damage = _damage(lines)
    return problem or (damage and f'The image {path} is damaged: {damage}.'), rotation


def _looked_at(path: str, boxes: Boxes) -> tuple[str | None, str | None]:
    """The problem of an image, and its rotation."""
    try:
        if is_mat_image(path):
            return _beside(path, read_image(path), boxes), None
        data = image_bytes(path)
    except FileNotFoundError as error:
        return str(error), None
    return _problem(path, data, boxes), rotation_of(path, data)


def _problem(path: str, data: bytes, boxes: Boxes) -> str | None:
    try:
        image = decode_image(data, path)
    except FileNotFoundError as error:
        return str(error)
    if damage := jpeg_damage(data) or _damage_seen_by_pillow(data):
        return f'The image {path} is damaged: {damage}.'
    return _beside(path, image, boxes)


def _beside(path: str, image: NDArray, boxes: Boxes) -> str | None:
    height, width = image.shape[:2]
    for box in boxes:
        if lies_outside(box, width, height):
            sides = [round(float(side), 1) for side in box]
            return f'The image {path} has {width} x {height} pixels, but the box of a face is {sides}.'
    return None


def _damage(lines: Iterable[str]) -> str | None:
    return next((line for line in lines if line.startswith(_DAMAGE)), None)


def _damage_seen_by_pillow(data: bytes) -> str | None:
    """What Pillow reports of a file that OpenCV reads in spite of damage; for JPEG, libjpeg reports it."""
    if is_jpeg(data):
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except UnidentifiedImageError:
        return None
    except (OSError, SyntaxError) as error:
        return str(error).rstrip('.')
    except Exception:  # noqa: BLE001 - Pillow refuses more than OpenCV does: a huge size, long texts, rare modes
        return None
    return None
