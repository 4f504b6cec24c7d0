"""Images from image files: what is read, as what, and what is refused."""

import io
import os
import re
import threading
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler

import cv2
import mmcv
import numpy as np
import pytest
from mmpose.datasets.transforms import LoadImage
from PIL import Image, ImageCms, PngImagePlugin

from mmsepbn.datasets import LoadFaceImage
from mmsepbn.datasets.formats.image_file import decode_image, read_image

PIXELS = np.random.default_rng(0).integers(0, 255, (5, 7, 3), np.uint8)
SMOOTH = cv2.GaussianBlur(np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8), (0, 0), 3)


@pytest.fixture
def png(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), PIXELS)
    return str(tmp_path / 'a.png')


def jpeg(*options):
    return cv2.imencode('.jpg', SMOOTH, options)[1].tobytes()


def load(path):
    """As in training."""
    return LoadFaceImage()(dict(img_path=str(path), keypoints=np.zeros((1, 1, 2))))['img']


def read_by_all(path):
    """The image, after a look that training, drawing and prediction read the same; else what they say, the same too."""
    read = []
    for reader in (read_image, load, lambda path: LoadFaceImage()(dict(img_path=path))['img']):
        try:
            read.append(reader(str(path)))
        except FileNotFoundError as error:
            read.append(str(error))
    assert np.array_equal(read[0], read[1])
    assert np.array_equal(read[0], read[2])
    assert isinstance(read[0], np.ndarray) or (str(path) in read[0] and '\n' not in read[0])
    return read[0]


@pytest.mark.parametrize('orientation', range(1, 9))
@pytest.mark.filterwarnings('ignore:The image .* has the EXIF orientation')
def test_pixels_stay_as_they_are_stored_whatever_their_orientation_says(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    for suffix, options in (('jpg', dict(quality=95)), ('png', {}), ('webp', dict(lossless=True))):
        path = tmp_path / f'a.{suffix}'
        Image.fromarray(SMOOTH[..., ::-1]).save(path, exif=exif, **options)
        stored = np.asarray(Image.open(path).convert('RGB'))[..., ::-1]
        assert np.abs(read_by_all(path).astype(int) - stored).max() <= 3, suffix  # two decoders of JPEG
    path = tmp_path / 'a.tif'  # OpenCV turns those in any case
    Image.fromarray(SMOOTH[..., ::-1]).save(path, exif=exif)
    if orientation == 1:
        assert np.array_equal(read_by_all(path), SMOOTH)
    else:
        assert f'rotates a TIFF by its orientation {orientation}; save it without this tag.' in read_by_all(path)


def test_a_turned_image_to_predict_on_is_named(tmp_path):
    exif = Image.Exif()
    exif[0x112] = 6
    path = tmp_path / 'a.jpg'
    Image.fromarray(SMOOTH).save(path, exif=exif)
    warning = rf'^The image {path} has the EXIF orientation 6, .* pass mmcv.imread\(FILE\)'
    with pytest.warns(UserWarning, match=warning):
        stored = LoadFaceImage()(dict(img_path=str(path)))['img']
    upright = LoadFaceImage()(dict(img=mmcv.imread(str(path))))['img']
    assert np.array_equal(upright, np.rot90(stored, -1))


@pytest.mark.parametrize(
    'options',
    [
        (),
        (cv2.IMWRITE_JPEG_RST_INTERVAL, 3),
        (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111),
        (
            cv2.IMWRITE_JPEG_RST_INTERVAL,
            5,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            0x111111,
        ),  # 8 intervals, the last is no. 7
    ],
)
def test_a_jpeg_that_lacks_its_end_marker_alone_is_read_and_no_other(tmp_path, options):
    whole, path = jpeg(*options), tmp_path / 'a.jpg'
    marks = [place for found in re.finditer(rb'\xff[\xd0-\xd7]', whole) for place in found.span()]
    for length in {*range(len(whole) - 60, len(whole)), *range(2, len(whole), 23), *marks}:
        path.write_bytes(whole[:length])
        image = read_by_all(path)
        if length >= len(whole) - 2:
            assert np.array_equal(image, decode_image(whole, ''))
        else:
            assert image == f'The image {path} cannot be read.', length


def test_a_progressive_jpeg_that_ends_early_is_refused(tmp_path):
    whole, path = jpeg(cv2.IMWRITE_JPEG_PROGRESSIVE, 1), tmp_path / 'a.jpg'
    scans = [found.start() for found in re.finditer(rb'\xff\xda', whole)]
    assert len(scans) > 2
    for length in (*scans, len(whole) - 2):  # after whole scans, each with all pixels
        path.write_bytes(whole[:length])
        assert read_by_all(path) == f'The image {path} cannot be read.'


def test_what_is_no_image_is_named_at_once(tmp_path):
    (tmp_path / 'empty.png').touch()
    (tmp_path / 'text.png').write_text('text')
    (tmp_path / 'folder.png').mkdir()
    os.mkfifo(tmp_path / 'pipe.png')
    (tmp_path / 'device.png').symlink_to('/dev/zero')
    (tmp_path / 'lost.png').symlink_to(tmp_path / 'nowhere.png')
    long = 'x' * 300 + '.png'
    for name, reason in {
        'empty.png': 'cannot be read: it is empty.',
        'text.png': 'cannot be read.',
        'gone.png': 'cannot be read: No such file or directory.',
        'lost.png': 'cannot be read: No such file or directory.',
        long: 'cannot be read: File name too long.',
        'a\0.png': 'cannot be read: embedded null byte.',
        'folder.png': 'must be a regular file. Got a folder.',
        'pipe.png': 'must be a regular file. Got a pipe.',
        'device.png': 'must be a regular file. Got a device.',
    }.items():
        assert read_by_all(tmp_path / name) == f'The image {tmp_path / name} {reason}'


def test_unusual_kinds_of_images_are_read_as_pillow_does(tmp_path):
    rgb = Image.fromarray(SMOOTH[..., ::-1])
    alpha = rgb.copy()
    alpha.putalpha(Image.fromarray(np.arange(40 * 60, dtype=np.uint8).reshape(40, 60)))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes()
    for name, image, options in (
        ('palette.png', rgb.quantize(64), {}),
        ('alpha.png', alpha, {}),
        ('alpha.webp', alpha, dict(lossless=True, exact=True)),
        ('gray.png', rgb.convert('L'), {}),
        ('gray.jpg', rgb.convert('L'), {}),
        ('gray_alpha.png', rgb.convert('LA'), {}),
        ('one_bit.png', rgb.convert('1'), {}),
        ('profile.png', rgb, dict(icc_profile=srgb)),
        ('moving.webp', rgb, dict(lossless=True, save_all=True, append_images=[rgb.rotate(180)])),
        ('moving.png', rgb, dict(save_all=True, append_images=[rgb.rotate(180)])),
        ('plain.bmp', rgb, {}),
        ('plain.ppm', rgb, {}),
        ('plain.tif', rgb, dict(compression='tiff_lzw')),
        ('Ünï😀 ,#.png', rgb, {}),
    ):
        path = tmp_path / name
        image.save(path, **options)
        with Image.open(path) as opened:
            opened.seek(0)
            expected = np.asarray(opened.convert('RGBA').convert('RGB'))[..., ::-1]
        found = read_by_all(path)
        assert found.dtype == np.uint8
        assert found.flags.c_contiguous
        assert np.abs(found.astype(int) - expected).max() <= 3, name


def test_sixteen_bits_become_eight_and_cmyk_rgb(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), PIXELS.astype(np.uint16) * 256 + 77)
    assert np.array_equal(read_by_all(tmp_path / 'a.png'), PIXELS)
    cmyk = np.stack([255 - SMOOTH[..., 2], 255 - SMOOTH[..., 1], 255 - SMOOTH[..., 0], 0 * SMOOTH[..., 0]], axis=-1)
    Image.frombytes('CMYK', (60, 40), cmyk.tobytes()).save(tmp_path / 'a.jpg', quality=100)
    assert np.abs(read_by_all(tmp_path / 'a.jpg').astype(int) - SMOOTH).mean() < 3


@pytest.mark.parametrize('dtype', [np.float32, np.int8, np.int16])
def test_numbers_that_are_no_pixels_are_refused_rather_than_turned_black(tmp_path, dtype):
    path = tmp_path / 'a.tif'
    cv2.imwrite(str(path), (SMOOTH / 255 * (1 if dtype == np.float32 else 100)).astype(dtype))
    assert read_by_all(path) == (
        f'The image {path} cannot be read: it must have 8 or 16 bits, unsigned. Got {np.dtype(dtype)}.'
    )
    if dtype == np.float32:
        cv2.imwrite(str(tmp_path / 'a.pfm'), SMOOTH.astype(np.float32) / 255)
        assert 'unsigned. Got float32.' in read_by_all(tmp_path / 'a.pfm')


def test_long_texts_do_not_matter_and_a_size_beyond_opencvs_is_named(tmp_path):
    text = PngImagePlugin.PngInfo()
    text.add_text('comment', 'x' * 9_000_000, zip=True)
    Image.fromarray(PIXELS[..., ::-1]).save(tmp_path / 'a.png', pnginfo=text)
    assert np.array_equal(read_by_all(tmp_path / 'a.png'), PIXELS)
    content = io.BytesIO()
    Image.fromarray(PIXELS).save(content, 'BMP')
    huge = bytearray(content.getvalue())
    huge[18:26] = np.array([40_000, 40_000], '<i4').tobytes()
    (tmp_path / 'a.bmp').write_bytes(huge)
    assert 'cannot be read: OpenCV refuses it (' in read_by_all(tmp_path / 'a.bmp')


def test_load_face_image_is_mmposes_otherwise(png):
    for options in ({}, dict(to_float32=True), dict(imdecode_backend='cv2'), dict(backend_args=dict(backend='local'))):
        expected = LoadImage(**options)(dict(img_path=png))
        results = LoadFaceImage(**options)(dict(img_path=png))
        assert np.array_equal(results['img'], expected['img'])
        assert results['img'].dtype == expected['img'].dtype
        assert (results['img_shape'], results['ori_shape']) == (expected['img_shape'], expected['ori_shape'])
        assert results['img_path'] == png


def test_load_face_image_refuses_what_others_would_not_follow():
    for name, value in (
        ('color_type', 'color'),
        ('color_type', 'grayscale'),
        ('imdecode_backend', 'pillow'),
        ('backend_args', dict(backend='petrel')),
    ):
        with pytest.raises(ValueError, match=rf'^LoadFaceImage\({name}=\) must be .* Got {re.escape(repr(value))}.$'):
            LoadFaceImage(**{name: value})


def test_load_face_image_keeps_an_image_that_is_already_there():
    for results in (dict(img=PIXELS), dict(img=PIXELS, img_path='gone.mat#0')):
        loaded = LoadFaceImage()(dict(results))
        assert loaded['img'] is PIXELS
        assert loaded['img_shape'] == (5, 7)
        assert loaded['img_path'] == results.get('img_path')
        floats = LoadFaceImage(to_float32=True)(dict(results))['img']
        assert floats.dtype == np.float32
        assert np.array_equal(floats, PIXELS)
    for other in (PIXELS[..., 0], np.zeros((5, 7, 4), np.uint8)):
        with pytest.raises(ValueError, match=rf'img must be \(H, W, 3\) BGR. Got shape {re.escape(str(other.shape))}'):
            LoadFaceImage()(dict(img=other))


def test_an_image_to_predict_on_may_have_an_address(png, tmp_path):
    server = HTTPServer(('127.0.0.1', 0), partial(_Silent, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f'http://127.0.0.1:{server.server_port}'
    try:
        assert np.array_equal(LoadFaceImage()(dict(img_path=f'{address}/a.png'))['img'], PIXELS)
        with pytest.raises(FileNotFoundError, match=f'^The image {address}/b.png cannot be read: HTTP Error 404'):
            LoadFaceImage()(dict(img_path=f'{address}/b.png'))
    finally:
        server.shutdown()
        server.server_close()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass
