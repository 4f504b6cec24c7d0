"""EXIF orientation: what viewers show, and the way back to the stored pixels."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mmsepbn.apis.image import box_to_stored, open_image, to_stored, turned
from mmsepbn.datasets.image_file import mat_image, read_image

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


@pytest.mark.parametrize('orientation', range(1, 9))
def test_points_and_boxes_go_to_the_same_pixels_of_the_stored_image(orientation):
    """A white rectangle of the stored image is sought in both images."""
    stored = np.zeros((40, 60, 3), np.uint8)
    stored[5:9, 20:31] = 255
    stored[5, 20] = 200  # its corner
    shown = turned(stored, orientation)
    size = shown.shape[1::-1]
    places = np.argwhere(shown[..., 0] > 0)[:, ::-1]
    box = np.concatenate((places.min(axis=0), places.max(axis=0)))
    assert box_to_stored(box, orientation, size).tolist() == [20, 5, 30, 8]
    corner = np.argwhere(shown[..., 0] == 200)[:, ::-1]
    assert to_stored(corner, orientation, size).tolist() == [[20, 5]]


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
