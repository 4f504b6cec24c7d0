"""Damage of a JPEG file that its decoder does not report."""

from mmsepbn.datasets.formats.image_file import JPEG_END, is_jpeg

_SCAN, _COLOUR = b'\xff\xda', b'\x03'
_ZEROS = bytes(24)
# Of the Huffman table that most encoders use for luminance, the beginning of its list of values.
_USUAL_TABLE = bytes.fromhex('01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282')


def jpeg_damage(data: bytes) -> str | None:
    """What is wrong with a file's content: it lacks its end, or zeros overwrite a part of it; None if intact.

    Zeros can be recognised in colour images with the usual tables, where 24 such bytes would be a block of which all 63
    frequencies are equal. Tables made for the image may give flat areas codes of zeros.
    """
    if not is_jpeg(data):
        return None
    scan, end = data.rfind(_SCAN), data.rfind(JPEG_END)
    if end < scan:
        return 'its end is missing'
    tables = data[data.rfind(JPEG_END, 0, scan) + 1 : scan]  # those of a preview lie before its end
    if data[scan + 4 : scan + 5] == _COLOUR and _USUAL_TABLE in tables:
        place = data.find(_ZEROS, scan, end)
        return f'zeros from byte {place}' if place >= 0 else None
    return None
