"""How an image file wants its pixels to be turned."""

from typing import Any

from PIL import Image

_TIFF = (b'II*\0', b'MM\0*')
_ORIENTATION = 0x112
# What stands before the EXIF block, and the distance to it: in JPEG, PNG and WebP.
_MARKS = ((b'Exif\0\0', 6), (b'eXIf', 4), (b'EXIF', 8))


def is_tiff(data: bytes) -> bool:
    """Whether the content is that of a TIFF file, which is itself an EXIF block."""
    return data.startswith(_TIFF)


def image_orientation(data: bytes) -> int:
    """The EXIF orientation of an image file's content, 1 to 8; 1 where it has none: as it is stored.

    It is found in the file's bytes, as a reader of the whole file may refuse it for its size or its text.
    """
    for block in _blocks(data):
        exif = Image.Exif()
        try:
            exif.load(block)
            orientation: Any = exif.get(_ORIENTATION)
        except Exception:  # noqa: BLE001 - a damaged block may raise anything, and says nothing then
            continue
        if orientation in range(1, 9):
            return int(orientation)
    return 1


def _blocks(data: bytes) -> list[bytes]:
    starts = [0] if is_tiff(data) else [data.find(mark) + length for mark, length in _MARKS if mark in data]
    return [data[start:] for start in starts if data.startswith(_TIFF, start)]
