"""JPEG images that are decoded at a part of their size."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mmsepbn.datasets import FaceCrop, LoadFaceImage, RandomFaceCrop
from mmsepbn.datasets.formats.image_file import read_image, read_shrunk
from mmsepbn.datasets.transforms.affine import transform_points

RNG = np.random.default_rng(0)


def smooth(height, width, blur=6):
    noise = RNG.normal(128, 900, (height, width, 3))
    return cv2.GaussianBlur(noise, (0, 0), blur).clip(0, 255).astype(np.uint8)


@pytest.fixture
def write(tmp_path):
    def write(image, name='a.jpg', **options):
        Image.fromarray(image[..., ::-1]).save(tmp_path / name, quality=95, **options)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize(
    ('shrink', 'step'), [(0.5, 1), (1.99, 1), (2, 2), (3.9, 2), (4, 4), (7.9, 4), (8, 8), (100, 8)]
)
def test_it_is_never_shrunk_by_more_than_it_may(write, shrink, step):
    image = smooth(80, 120)
    part = read_shrunk(write(image), shrink)
    assert part.shape == (80, 120)
    assert part.pixels.shape == (80 // step, 120 // step, 3)
    assert (part.to_image is None) == (step == 1)


@pytest.mark.parametrize('step', [2, 4, 8])
@pytest.mark.parametrize('size', [(160, 240), (161, 243), (167, 249)])
def test_a_pixel_is_the_mean_of_those_at_its_place(write, step, size):
    path = write(smooth(*size), subsampling=0)
    whole, part = read_image(path).astype(float), read_shrunk(path, step)
    assert part.pixels.shape[:2] == (-(-size[0] // step), -(-size[1] // step))
    for row, column in ((0, 0), (3, 5), (size[0] // step - 1, size[1] // step - 1)):
        x, y = transform_points(np.array([column, row]), part.to_image)
        mean = whole[round(y - (step - 1) / 2) :, round(x - (step - 1) / 2) :][:step, :step].mean(axis=(0, 1))
        np.testing.assert_allclose(part.pixels[row, column], mean, atol=6)


@pytest.mark.parametrize('options', [{}, dict(progressive=True)])
@pytest.mark.parametrize('orientation', [1, 3, 6])
def test_pixels_stay_as_they_are_stored(write, orientation, options):
    exif = Image.Exif()
    exif[0x112] = orientation
    image = smooth(80, 120)
    part = read_shrunk(write(image, exif=exif, **options), 2)
    expected = cv2.resize(image, (60, 40), interpolation=cv2.INTER_AREA)
    assert np.abs(part.pixels.astype(int) - expected).max() < 12


def test_other_formats_are_read_whole(write):
    image = smooth(80, 120)
    for name in ('a.png', 'a.bmp', 'a.webp'):
        part = read_shrunk(write(image, name), 8)
        assert part.pixels.shape == image.shape
        assert part.to_image is None


def test_what_cannot_be_read_whole_cannot_be_read_in_part(write, tmp_path):
    path = write(smooth(80, 120))
    data = (tmp_path / 'a.jpg').read_bytes()
    for content, name in ((data[: len(data) // 2], 'half.jpg'), (b'', 'empty.jpg'), (data[:2], 'start.jpg')):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileNotFoundError, match=name):
            read_shrunk(str(tmp_path / name), 4)
    with pytest.raises(FileNotFoundError, match=r'none\.jpg'):
        read_shrunk(path.replace('a.jpg', 'none.jpg'), 4)
    (tmp_path / 'no_end.jpg').write_bytes(data[:-2])
    part = read_shrunk(str(tmp_path / 'no_end.jpg'), 4)
    assert part.shape == (80, 120)


def dotted():
    """An image of 1000 x 900 with a bright dot at each landmark, of its own colour."""
    landmarks = RNG.uniform(200, 700, (3, 2)).astype(np.float32)
    image = np.zeros((900, 1000, 3), np.uint8)
    for channel, (x, y) in enumerate(landmarks.tolist()):
        columns, rows = np.meshgrid(np.arange(1000), np.arange(900))
        image[..., channel] = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 40**2))
    return image, landmarks


def centre(channel):
    rows, columns = np.indices(channel.shape)
    weight = channel.astype(float) * (channel > 20)
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('crop', [FaceCrop(), FaceCrop(antialias=True), RandomFaceCrop(prob=1.0)])
def test_landmarks_lie_where_they_are_in_the_whole_image(write, seed, crop):
    image, landmarks = dotted()
    face = dict(
        img_path=write(image, subsampling=0),
        bbox=np.array([[-100.0, -120, 1000, 1010]], np.float32),
        keypoints=landmarks[None],
        keypoints_visible=np.ones((1, 3)),
        flip_indices=[0, 1, 2],
    )
    results = []
    for reduced in (False, True):
        np.random.seed(seed)
        loaded = LoadFaceImage(reduced=reduced).read_for(crop.reach)(dict(face))
        assert loaded['ori_shape'] == (900, 1000)
        step = 8 if crop.reach.finest == 128 else 4  # 1130 / 128 = 8.8, 1130 / 212 = 5.3
        assert loaded['img'].shape[0] == (-(-900 // step) if reduced else 900)
        results.append(crop(loaded))
    whole, reduced = results
    assert np.array_equal(whole['transformed_keypoints'], reduced['transformed_keypoints'])
    assert np.abs(whole['img'].astype(int) - reduced['img']).max() < 12
    for channel, point in enumerate(reduced['transformed_keypoints'][0]):
        if (np.abs(point - 64) < 50).all():
            np.testing.assert_allclose(centre(reduced['img'][..., channel]), point, atol=0.15)


def test_only_the_faces_of_data_sets_in_front_of_a_crop_are_reduced(write):
    path = write(smooth(800, 900))
    face = dict(img_path=path, bbox=np.array([[0.0, 0, 800, 800]]), keypoints=np.zeros((1, 1, 2)))
    loader, reach = LoadFaceImage(reduced=True), FaceCrop().reach
    assert loader.read_for(reach)(dict(face))['img'].shape == (200, 225, 3)
    assert loader(dict(face))['img'].shape == (800, 900, 3)
    assert LoadFaceImage().read_for(reach)(dict(face))['img'].shape == (800, 900, 3)
    assert loader.read_for(reach)(dict(img_path=path))['img'].shape == (800, 900, 3)
    small = face | dict(bbox=np.array([[0.0, 0, 100, 255]]))
    assert loader.read_for(reach)(small)['img'].shape == (800, 900, 3)
