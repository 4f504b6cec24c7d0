"""Check every image of a data set before training: is it intact, and are its faces in it?"""

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from mmsepbn.datasets.annotation import lies_outside
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.image_file import (
    decode_image,
    image_bytes,
    is_jpeg,
    is_mat_image,
    orientation_of,
    read_image,
)
from mmsepbn.datasets.formats.jpeg_damage import jpeg_damage
from mmsepbn.processes.native_stderr import native_stderr

Boxes = Sequence[NDArray[np.floating]]

_AT_ONCE = 256
# How warnings of libjpeg about damaged data begin; OpenCV lets it print them and uses what comes out.
_DAMAGE = ('Corrupt JPEG data', 'Premature end of JPEG', 'Inconsistent progression', 'Invalid SOS')


def image_problems(dataset: FaceDataset) -> list[str]:
    """Problems with the images of a data set; each is read once, on all cores, and doubtful ones again."""
    boxes: defaultdict[str, list[NDArray[np.floating]]] = defaultdict(list)
    for index in range(len(dataset)):
        info = dataset.get_data_info(index)
        boxes[info['img_path']].extend(info['bbox'])
    images = list(boxes.items())
    problems: list[str] = []
    with ThreadPoolExecutor() as threads:  # decoders do not hold the interpreter's lock
        for start in range(0, len(images), _AT_ONCE):
            some = images[start : start + _AT_ONCE]
            with native_stderr() as lines:
                found = list(threads.map(_problem, *zip(*some, strict=True)))
            if _damage(lines):  # in one of them
                found = [image_problem(*image) for image in some]
            problems += filter(None, found)
    return problems


def rotated_images(dataset: FaceDataset) -> list[str]:
    """Images that viewers rotate by their EXIF orientation; unreadable ones are left out."""
    paths = dict.fromkeys(dataset.get_data_info(index)['img_path'] for index in range(len(dataset)))
    with ThreadPoolExecutor() as threads:
        return list(filter(None, threads.map(rotation_of, paths)))


def rotation_of(path: str) -> str | None:
    """What an image's EXIF orientation means for its landmarks; None if it has none, or is unreadable.

    Args:
        path: as :func:`read_image` takes it.
    """
    with suppress(FileNotFoundError):
        if (orientation := orientation_of(path)) != 1:
            return (
                f'The image {path} has the EXIF orientation {orientation}, so viewers rotate it; its landmarks are '
                'assumed to refer to the stored pixels. Check that they do, and save the image without this tag.'
            )
    return None


def image_problem(path: str, boxes: Boxes) -> str | None:
    """Why an image cannot be used; None if it can.

    It is unreadable, is damaged, or a face's box lies entirely outside it.

    Args:
        path: as :func:`read_image` takes it.
        boxes: (4,) x1, y1, x2, y2 of the faces in it, in pixels.
    """
    with native_stderr() as lines:
        problem = _problem(path, boxes)
    damage = _damage(lines)
    return problem or (damage and f'The image {path} is damaged: {damage}.')


def _problem(path: str, boxes: Boxes) -> str | None:
    try:
        if is_mat_image(path):
            return _beside(path, read_image(path), boxes)
        data = image_bytes(path)
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
