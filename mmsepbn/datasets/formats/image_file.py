"""Read an image from an image file or from a COFW file; the single place for every use."""

import re
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.formats.image_orientation import image_orientation, is_tiff
from mmsepbn.datasets.formats.jpeg_size import jpeg_size
from mmsepbn.datasets.formats.text_file import read_bytes
from mmsepbn.datasets.formats.unread_image import unread_reason
from mmsepbn.datasets.image_part import ImagePart, part_to_image

Image = NDArray[np.uint8]

_IN_MAT = re.compile(r'(.+\.mat)#([^/#]+?)(?:\.png)?', re.DOTALL | re.IGNORECASE)
JPEG_END = b'\xff\xd9'
_JPEG, _PROGRESSIVE = b'\xff\xd8', b'\xff\xc2'
_EIGHT_BITS_OR_SIXTEEN = (_JPEG, b'\x89PNG', b'BM', b'RIFF')  # formats that have nothing else
_REDUCED = {8: cv2.IMREAD_REDUCED_COLOR_8, 4: cv2.IMREAD_REDUCED_COLOR_4, 2: cv2.IMREAD_REDUCED_COLOR_2}


def mat_image(path: str, index: int) -> str:
    """The name of image ``index`` (0-based) inside a COFW file, as :func:`read_image` takes it.

    It ends as an image's name does, since tools name what they draw by it.
    """
    return f'{path}#{index}.png'


def is_mat_image(path: str) -> bool:
    """Whether the name stands for an image inside a COFW file."""
    return _IN_MAT.fullmatch(path) is not None


def file_of(path: str) -> str:
    """The file that holds the image."""
    found = _IN_MAT.fullmatch(path)
    return found[1] if found else path


def read_image(path: str) -> Image:
    """An image as (H, W, 3) BGR. Gray images get three equal channels; an alpha channel is dropped.

    Pixels stay as they are stored, whatever EXIF orientation says: landmarks and boxes of data sets are those of them.

    Args:
        path: of an image file, or what :func:`mat_image` made.

    Raises:
        FileNotFoundError: it cannot be read; the message names it.
    """
    if (found := _IN_MAT.fullmatch(path)) is None:
        return decode_image(image_bytes(path), path)
    from mmsepbn.datasets.formats.hdf5_image import read_hdf5_image  # image files do not need h5py

    return read_hdf5_image(found[1], found[2])


def read_shrunk(path: str, shrink: float) -> ImagePart:
    """An image as :func:`read_image` reads it, but a JPEG at 1/2, 1/4 or 1/8 of its size where ``shrink`` allows it.

    libjpeg then decodes less: a pixel is the mean of 4, 16 or 64. All other formats are read whole.

    Args:
        path: as there.
        shrink: the largest number of pixels, to a side, that may become one.

    Raises:
        FileNotFoundError: as there.
    """
    step = next((step for step in _REDUCED if step <= shrink), 1)
    if step > 1 and not is_mat_image(path):
        data = image_bytes(path)
        size = jpeg_size(data) if is_jpeg(data) else None
        reduced = _decoded(data, _REDUCED[step] | cv2.IMREAD_IGNORE_ORIENTATION) if size else None
        if size and reduced is not None and reduced.shape[:2] == (-(-size[0] // step), -(-size[1] // step)):
            return ImagePart(np.asarray(reduced, np.uint8), part_to_image(0, 0, step, step), size)
        return whole_image(decode_image(data, path))
    return whole_image(read_image(path))


def whole_image(pixels: Image) -> ImagePart:
    """A whole image as the part that it is."""
    return ImagePart(pixels, None, pixels.shape[:2])


def is_jpeg(data: bytes) -> bool:
    """Whether the content is that of a JPEG file."""
    return data.startswith(_JPEG)


def image_bytes(path: str) -> bytes:
    """The content of an image file; FileNotFoundError names one that is unreadable or not a regular file."""
    try:
        return read_bytes(Path(path))
    except ValueError as error:
        raise FileNotFoundError(f'The image {error}') from None


def orientation_of(path: str) -> int:
    """The EXIF orientation of an image as :func:`read_image` takes it, 1 to 8. FileNotFoundError: as there."""
    return 1 if is_mat_image(path) else image_orientation(image_bytes(path))


def decode_image(data: bytes, name: str) -> Image:
    """The image of an image file's content; see :func:`read_image`."""
    try:
        _refuse_what_opencv_changes(data)
        image = _decoded(data)
        if image is None and is_jpeg(data):
            image = _without_end_marker(data)
    except cv2.error as error:
        raise FileNotFoundError(f'The image {name} cannot be read: OpenCV refuses it ({error.err}).') from None
    except ValueError as error:
        raise FileNotFoundError(f'The image {name} cannot be read: {error}.') from None
    if image is None:
        raise FileNotFoundError(f'The image {name} cannot be read{unread_reason(data)}.')
    return np.asarray(image, np.uint8)


def _decoded(data: bytes, flags: int = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION) -> NDArray | None:
    return cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None


def _without_end_marker(data: bytes) -> NDArray | None:
    """A JPEG that lacks its end marker alone; None where it lacks pixels, as these depend on what is put behind it."""
    if _PROGRESSIVE in data:  # each of its scans has all pixels
        return None
    begun = data.rstrip(b'\xff')
    first, *others = (_decoded(begun + rest + JPEG_END) for rest in (b'', *_other_data()))
    same = first is not None and all(other is not None and np.array_equal(first, other) for other in others)
    return first if same else None


def _refuse_what_opencv_changes(data: bytes) -> None:
    """ValueError for images that OpenCV would change."""
    if data.startswith(_EIGHT_BITS_OR_SIXTEEN):
        return
    if is_tiff(data) and (orientation := image_orientation(data)) != 1:
        raise ValueError(f'OpenCV rotates a TIFF by its orientation {orientation}; save it without this tag')
    stored = _decoded(data, cv2.IMREAD_UNCHANGED)
    if stored is not None and stored.dtype not in (np.uint8, np.uint16):
        raise ValueError(f'it must have 8 or 16 bits, unsigned. Got {stored.dtype}')


@cache
def _other_data() -> tuple[bytes, bytes]:
    """Two ways for a JPEG to go on, each the other's complement, in restart intervals that are numbered differently."""
    noise = np.random.default_rng(0).integers(1, 255, (512, 64), np.uint8)
    marks = np.stack((np.full(512, 0xFF), 0xD0 + np.arange(512) % 8), axis=1).astype(np.uint8)
    first, second = np.hstack((noise, marks)), np.hstack((~noise, np.roll(marks, 4, axis=0)))
    return first.tobytes(), second.tobytes()
