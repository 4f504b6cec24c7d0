"""The EXIF orientation of an image file."""

import struct

_TIFF = {b'II*\0': '<', b'MM\0*': '>'}  # and their byte order
_ORIENTATION, _SHORT, _ENTRY = 0x112, 3, 12
# What stands before the EXIF block, and the distance to it: in JPEG, PNG and WebP.
_MARKS = ((b'Exif\0\0', 6), (b'eXIf', 4), (b'EXIF', 8))


def is_tiff(data: bytes) -> bool:
    """Whether the content is that of a TIFF file, which is itself an EXIF block."""
    return data.startswith(tuple(_TIFF))


def image_orientation(data: bytes) -> int:
    """The EXIF orientation of an image file's content, 1 to 8; 1 where it has none: as it is stored.

    It is read from the file's bytes, because a full reader may refuse the file for its size or its text, and Pillow may
    not be installed for prediction.
    """
    return next((found for start in _starts(data) if 1 <= (found := _orientation(data, start)) <= 8), 1)


def _starts(data: bytes) -> list[int]:
    starts = [0] if is_tiff(data) else [data.find(mark) + length for mark, length in _MARKS if mark in data]
    return [start for start in starts if data.startswith(tuple(_TIFF), start)]


def _orientation(data: bytes, start: int) -> int:
    """The tag in the first directory of the TIFF block at ``start``; 0 if it is missing, or the block is damaged."""
    order = _TIFF[data[start : start + 4]]
    try:
        (first,) = struct.unpack_from(f'{order}I', data, start + 4)
        (count,) = struct.unpack_from(f'{order}H', data, start + first)
        for number in range(count):
            entry = struct.unpack_from(f'{order}HHIH', data, start + first + 2 + number * _ENTRY)
            if entry[:2] == (_ORIENTATION, _SHORT):
                return int(entry[3])
    except struct.error:  # beyond the end
        pass
    return 0
