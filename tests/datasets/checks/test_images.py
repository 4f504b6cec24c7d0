"""What is said about images before training."""

import os
import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from mmsepbn.datasets import COFWDataset, WiderFaceDataset
from mmsepbn.datasets.checks.images import image_findings, image_problem, image_problems, rotation_of
from mmsepbn.datasets.formats.image_file import decode_image, read_image

BOX = np.array([3, 2, 9, 8], np.float32)
PIXELS = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (120, 180, 3), np.uint8), (0, 0), 2)


@pytest.fixture
def image(tmp_path):
    path = tmp_path / 'a.jpg'
    cv2.imwrite(str(path), PIXELS)
    return path


@pytest.fixture
def faces(synthetic_faces, tmp_path):
    root = shutil.copytree(synthetic_faces / 'WIDER_FACE', tmp_path / 'faces')
    prefix = dict(img='train/images')
    return WiderFaceDataset(data_root=str(root), ann_file='train/label.txt', data_prefix=prefix, min_size=1)


def test_what_was_cut_short_or_is_no_image_is_named(image):
    assert image_problem(str(image), [BOX]) is None
    whole = image.read_bytes()
    image.write_bytes(whole[: len(whole) // 2])
    assert image_problem(str(image), [BOX]) == f'The image {image} cannot be read.'
    image.write_bytes(whole[:-2])
    assert np.array_equal(read_image(str(image)), decode_image(whole, ''))
    assert image_problem(str(image), [BOX]) == f'The image {image} is damaged: its end is missing.'
    image.write_bytes(b'text')
    assert image_problem(str(image), [BOX]) == f'The image {image} cannot be read.'


def test_faces_beside_the_image_are_named(image):
    for partly_inside in ([-9, -9, 1, 1], [179, 119, 190, 190], [-9, -9, 199, 199]):
        assert image_problem(str(image), [np.array(partly_inside)]) is None
    for beside in ([-9, 3, 0, 8], [3, -9, 8, 0], [180, 3, 190, 8], [3, 120, 8, 130]):
        box = [float(side) for side in beside]
        expected = f'The image {image} has 180 x 120 pixels, but the box of a face is {box}.'
        assert image_problem(str(image), [BOX, np.array(beside)]) == expected


def test_damaged_data_that_decoders_only_warn_of_is_named(image):
    """Of 50 files with 20 changed bytes most, and all with a block of zeros, though all of them can be read."""
    whole = image.read_bytes()
    start = whole.rfind(b'\xff\xda') + 14
    rng, found = np.random.default_rng(0), 0
    for _ in range(50):
        damaged = bytearray(whole)
        for place in rng.integers(start, len(whole) - 2, 20):
            damaged[place] ^= int(rng.integers(1, 255))
        image.write_bytes(damaged)
        problem = image_problem(str(image), [BOX])
        found += problem is not None and problem.startswith(f'The image {image} is damaged: Corrupt JPEG data')
    assert found >= 40
    for place in rng.integers(start, len(whole) - 70, 20):
        image.write_bytes(whole[:place] + bytes(64) + whole[place + 64 :])
        assert 'is damaged: ' in image_problem(str(image), [BOX])
    for place in rng.integers(start, len(whole) - 70, 20):  # as of a download that was broken off
        image.write_bytes(whole[:place] + bytes(len(whole) - place))
        assert image_problem(str(image), [BOX]) is not None


def test_zeros_of_flat_images_are_no_damage(tmp_path):
    """Where tables are made for an image, flat areas are zeros; a preview in the file may have the usual tables."""
    flat = np.full((360, 540, 3), 255, np.uint8)
    flat[:30, :30] = PIXELS[:30, :30]
    content = cv2.imencode('.jpg', flat, (cv2.IMWRITE_JPEG_OPTIMIZE, 1))[1].tobytes()
    assert bytes(24) in content[content.rfind(b'\xff\xda') :]
    preview = cv2.imencode('.jpg', PIXELS)[1].tobytes()
    block = b'\xff\xe1' + (len(preview) + 2).to_bytes(2, 'big') + preview
    for path, data in ((tmp_path / 'a.jpg', content), (tmp_path / 'b.jpg', content[:2] + block + content[2:])):
        path.write_bytes(data)
        assert image_problem(str(path), []) is None


@pytest.mark.parametrize('orientation', range(1, 9))
def test_images_that_want_to_be_turned_are_named(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x112] = orientation
    for name in ('a.jpg', 'a.png', 'a.webp', 'a.tif'):
        Image.fromarray(PIXELS).save(tmp_path / name, exif=exif)
        problem = rotation_of(str(tmp_path / name), (tmp_path / name).read_bytes())
        if name != 'a.tif' or orientation == 1:  # OpenCV rotates a TIFF, so it is refused
            assert image_problem(str(tmp_path / name), [BOX]) is None
        if orientation == 1:
            assert problem is None
        else:
            assert f'The image {tmp_path / name} ' in problem
            assert f'orientation {orientation}' in problem


def test_images_of_a_set_that_want_to_be_turned_are_named_once(faces):
    assert image_findings(faces).rotations == []
    first = Path(faces.get_data_info(0)['img_path'])
    exif = Image.Exif()
    exif[0x112] = 6
    Image.fromarray(PIXELS).save(first, exif=exif)
    second = next(path for path in (faces.get_data_info(i)['img_path'] for i in range(8)) if path != str(first))
    Path(second).unlink()
    (said,) = image_findings(faces).rotations
    assert said.startswith(f'The image {first} has the EXIF orientation 6, so viewers rotate it; ')


def test_an_exif_block_that_cannot_be_read_does_not_matter(image):
    whole = image.read_bytes()
    for block in (b'II*\0', b'II*\0\xff\xff\xff\xff', b'MM\0*\0\0\0\x08\0\x09' + b'\x01\x12' * 9, b'XX*\0' + bytes(8)):
        block = b'Exif\0\0' + block
        image.write_bytes(whole[:2] + b'\xff\xe1' + (len(block) + 2).to_bytes(2, 'big') + block + whole[2:])
        assert image_problem(str(image), [BOX]) is None
        assert rotation_of(str(image), image.read_bytes()) is None


def test_what_pillow_refuses_and_opencv_reads_is_no_problem(tmp_path, monkeypatch):
    text = PngImagePlugin.PngInfo()
    text.add_text('comment', 'x' * 9_000_000, zip=True)
    Image.fromarray(PIXELS).save(tmp_path / 'text.png', pnginfo=text)
    Image.fromarray(PIXELS).save(tmp_path / 'large.png')
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', PIXELS.shape[0] * PIXELS.shape[1] // 3)  # in place of 89 millions
    for name in ('text.png', 'large.png'):
        with pytest.raises((ValueError, Image.DecompressionBombError)), Image.open(tmp_path / name) as opened:
            opened.load()
        assert image_problem(str(tmp_path / name), [BOX]) is None


def test_damage_that_pillow_alone_sees_is_named(tmp_path):
    path = tmp_path / 'a.tif'
    cv2.imwrite(str(path), PIXELS)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 50] = bytes(50)
    path.write_bytes(data)
    assert read_image(str(path)).shape == PIXELS.shape  # training would not notice
    assert image_problem(str(path), [BOX]).startswith(f'The image {path} is damaged: ')


def test_all_images_of_a_set_are_read(faces):
    assert image_problems(faces) == []
    files = sorted({Path(faces.get_data_info(index)['img_path']) for index in range(len(faces))})
    broken, damaged = files[2:5:2], files[5]
    for path in broken:
        path.write_bytes(b'')
    whole = damaged.read_bytes()
    middle = len(whole) * 3 // 4
    damaged.write_bytes(whole[:middle] + b'\xff\xd9' + whole[middle + 2 :])  # an end before the end
    problems = image_problems(faces)
    assert len(problems) == 3
    assert {problem for problem in problems if 'cannot be read' in problem} == {
        f'The image {path} cannot be read: it is empty.' for path in broken
    }
    (other,) = [problem for problem in problems if 'cannot be read' not in problem]
    assert other.startswith(f'The image {damaged} is damaged: Corrupt JPEG data: premature end of data segment')


def test_standard_error_is_as_before(faces, capfd):
    image_problems(faces)
    os.write(2, b'from C\n')
    print('from Python', file=sys.stderr)
    assert capfd.readouterr().err == 'from C\nfrom Python\n'


def test_images_inside_cofws_files_are_read(synthetic_faces):
    dataset = COFWDataset(data_root=str(synthetic_faces / 'COFW'), ann_file='COFW_test_color.mat')
    assert image_problems(dataset) == []


def test_a_set_is_checked_by_parts(faces):
    """As the tool does, to find the image that crashes a decoder."""
    last = Path(faces.get_data_info(len(faces) - 1)['img_path'])
    last.write_bytes(b'')
    assert image_problems(faces.get_subset(range(len(faces) - 1))) == []
    assert image_problems(faces.get_subset([len(faces) - 1])) == [f'The image {last} cannot be read: it is empty.']
