"""Files that Pillow writes and this OpenCV may not read, and heads of others."""

import cv2
import numpy as np
import pytest
from PIL import Image, features

from mmsepbn.datasets.formats.image_file import read_image
from mmsepbn.datasets.formats.unread_image import image_kind

PIXELS = np.kron(np.arange(0, 240, 20, dtype=np.uint8).reshape(3, 4), np.ones((16, 16), np.uint8))


def heif(brand, *compatible):
    """The first box of a file of the ISO base media format."""
    content = b'ftyp' + brand + b'\0\0\0\0' + b''.join(compatible)
    return (len(content) + 4).to_bytes(4, 'big') + content + b'\0\0\0\x0cmeta avif'


@pytest.mark.parametrize(
    ('data', 'kind'),
    [
        (heif(b'heic'), 'HEIC'),
        (heif(b'mif1', b'heic'), 'HEIC'),
        (heif(b'avif'), 'AVIF'),
        (heif(b'mif1', b'miaf', b'avif'), 'AVIF'),
        (heif(b'isom', b'mp41'), None),
        (b'\xff\x0a\x01', 'JXL'),
        (b'\0\0\0\x0cJXL \r\n\x87\n', 'JXL'),
        (b'8BPS\0\x01', 'PSD'),
        (b'%PDF-1.4', 'PDF'),
        (b'\xff\xd8\xff', None),
        (b'', None),
    ],
)
def test_formats_are_told_by_their_heads(data, kind):
    assert image_kind(data) == kind


@pytest.mark.parametrize('kind', ['GIF', 'AVIF'])
def test_a_format_is_read_or_named(tmp_path, kind):
    if kind == 'AVIF' and not features.check('avif'):
        pytest.skip('this Pillow writes no AVIF')
    path = tmp_path / f'a.{kind.lower()}'
    Image.fromarray(PIXELS).save(path)
    assert image_kind(path.read_bytes()) == kind
    if cv2.haveImageReader(str(path)):
        assert np.abs(read_image(str(path)).astype(int) - PIXELS[..., None]).max() < 10
        return
    wanted = rf'^The image .*a\.\w+ cannot be read: it is {kind}, which this OpenCV \([\d.]+\w*\) does not read'
    with pytest.raises(FileNotFoundError, match=wanted):
        read_image(str(path))
