"""Images as viewers show them."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mmsepbn.apis.image import open_image
from mmsepbn.datasets.formats.image_file import mat_image, read_image
from mmsepbn.datasets.transforms.exif_turn import turned

PIXELS = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8), (0, 0), 3)


def photo(path, orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    Image.fromarray(PIXELS[..., ::-1]).save(path, exif=exif, quality=95)
    return path


@pytest.mark.parametrize('orientation', range(1, 9))
def test_an_image_is_read_as_opencv_shows_it(tmp_path, orientation):
    path = photo(tmp_path / 'a.jpg', orientation)
    shown = open_image(path)
    assert np.array_equal(shown.pixels, cv2.imread(str(path)))
    assert shown.pixels.flags.c_contiguous
    assert (shown.orientation, shown.path) == (orientation, str(path))
    assert np.array_equal(turned(read_image(str(path)), orientation), shown.pixels)


def test_images_of_cofws_files_can_be_predicted_on(synthetic_faces):
    name = mat_image(str(synthetic_faces / 'COFW' / 'COFW_test_color.mat'), 1)
    assert np.array_equal(open_image(name).pixels, read_image(name))


@pytest.mark.parametrize('content', [b'', b'no image', None])
def test_what_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / 'a.jpg'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileNotFoundError, match=str(path)):
        open_image(path)


def test_the_home_may_be_written_as_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    path = photo(tmp_path / 'a.jpg', 1)
    assert open_image('~/a.jpg').path == str(path)
