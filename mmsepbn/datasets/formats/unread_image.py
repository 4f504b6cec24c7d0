"""Why OpenCV cannot decode an image file."""

import cv2

_HEADS = {
    'GIF': (b'GIF87a', b'GIF89a'),
    'JXL': (b'\xff\x0a', b'\0\0\0\x0cJXL '),
    'PSD': (b'8BPS',),
    'PDF': (b'%PDF',),
}
_BRANDS = {'AVIF': (b'avif', b'avis'), 'HEIC': (b'heic', b'heix', b'hevc', b'hevx', b'mif1', b'msf1')}
_BRAND_BOX = b'ftyp'


def unread_reason(data: bytes) -> str:
    """The reason, for the end of a message, with a colon before it; empty if unknown."""
    if not data:
        return ': it is empty'
    kind = image_kind(data)
    if kind is None or cv2.haveImageWriter(f'image.{kind.lower()}'):  # what it writes it reads: this one is damaged
        return ''
    return f': it is {kind}, which this OpenCV ({cv2.__version__}) does not read; save it as JPEG or PNG'


def image_kind(data: bytes) -> str | None:
    """The format of a file's content, of those that OpenCV reads in few of its builds, or in none."""
    if data[4:8] == _BRAND_BOX:
        brands = data[8 : int.from_bytes(data[:4], 'big')]
        return next((kind for kind, own in _BRANDS.items() if any(brand in brands for brand in own)), None)
    return next((kind for kind, heads in _HEADS.items() if data.startswith(heads)), None)
