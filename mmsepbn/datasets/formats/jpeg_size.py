"""The size of a JPEG file's image, without decoding it."""

import struct

_START, _SCAN = 0xC0, 0xDA
_NO_START = (0xC4, 0xC8, 0xCC)  # tables, among the markers that begin a frame
_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD9))


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Height and width of the image in a JPEG file's content; None if its header does not say."""
    place = 2
    try:
        while data[place] == 0xFF:
            marker = data[place + 1]
            if marker == 0xFF:  # a filling byte
                place += 1
            elif marker in _WITHOUT_LENGTH:
                place += 2
            elif marker == _SCAN:
                return None
            elif _START <= marker <= 0xCF and marker not in _NO_START:
                height, width = struct.unpack_from('>HH', data, place + 5)
                return (height, width) if height and width else None
            else:
                place += 2 + struct.unpack_from('>H', data, place + 2)[0]
    except (IndexError, struct.error):  # beyond the end
        pass
    return None
