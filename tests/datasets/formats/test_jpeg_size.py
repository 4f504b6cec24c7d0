import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmsepbn.datasets.formats.jpeg_size import jpeg_size

PIXELS = np.zeros((37, 61, 3), np.uint8)


def jpeg(mode='RGB', **options):
    file = io.BytesIO()
    Image.fromarray(PIXELS).convert(mode).save(file, 'JPEG', **options)
    return file.getvalue()


@pytest.mark.parametrize('mode', ['RGB', 'L', 'CMYK'])
@pytest.mark.parametrize(
    'options', [{}, dict(progressive=True), dict(optimize=True), dict(quality=20, comment=b'x' * 300)]
)
def test_it_is_what_pillow_says(mode, options):
    assert jpeg_size(jpeg(mode, **options)) == (37, 61)


def test_the_size_of_a_preview_is_not_taken():
    exif = Image.Exif()
    exif[0x927C] = jpeg()
    Image.fromarray(PIXELS[:20]).save(file := io.BytesIO(), 'JPEG', exif=exif)
    assert jpeg_size(file.getvalue()) == (20, 61)


def test_filling_bytes_are_skipped():
    data = jpeg()
    assert jpeg_size(data[:2] + b'\xff\xff\xff' + data[2:]) == (37, 61)


def test_tables_may_stand_before_the_frame():
    data = jpeg()
    start = data.index(b'\xff\xc4')
    table = data[start : start + 2 + int.from_bytes(data[start + 2 : start + 4], 'big')]
    assert jpeg_size(data[:2] + table + data[2:]) == (37, 61)


def test_of_what_has_no_header_there_is_none():
    data = jpeg()
    start = data.index(b'\xff\xc0')
    assert jpeg_size(data[: start + 8]) is None
    assert [jpeg_size(data[:length]) for length in range(start)] == [None] * start
    assert jpeg_size(data[:start] + data[data.index(b'\xff\xda') :]) is None
    assert jpeg_size(Path(__file__).read_bytes()) is None
