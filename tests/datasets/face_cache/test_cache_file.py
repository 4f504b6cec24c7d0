"""The file of a cache: what is written is read, what is damaged or begun alone is not."""

import mmap
import pickle
from dataclasses import replace

import cv2
import numpy as np
import pytest

from mmsepbn.datasets.face_cache.about import CacheAbout, FacesKey
from mmsepbn.datasets.face_cache.build import FaceToCut, build_cache, check_space, needed_bytes
from mmsepbn.datasets.face_cache.cache_file import HEAD, ROW, CacheFile, FaceCacheError, head
from mmsepbn.datasets.face_cache.cache_writer import CacheWriter
from mmsepbn.datasets.face_cache.region import cut_region, face_region
from mmsepbn.datasets.transforms.crop_reach import CropReach

REACH = CropReach(1.0, 0.9, pixels=20, finest=40)
COUNT = 150
ABOUT = CacheAbout(FacesKey('Set-train', '0123456789abcdef', COUNT), REACH, None)


@pytest.fixture
def faces(tmp_path):
    """150 faces in 30 images; two of an image need not follow each other."""
    rng = np.random.default_rng(0)
    paths = [str(tmp_path / f'{number}.png') for number in range(30)]
    for path in paths:
        cv2.imwrite(path, rng.integers(0, 255, (60, 80, 3), np.uint8))
    corners = rng.uniform(0, 40, (COUNT, 2))
    return [
        FaceToCut(paths[number // 10 * 2 + number % 2], np.array([x, y, x + 25, y + 20]))
        for number, (x, y) in enumerate(corners)
    ]


def assert_holds(cache, faces):
    for place, face in enumerate(faces):
        image = cv2.imread(face.image)
        region = face_region(face.box, (60, 80), REACH)
        part = cache.part(place)
        assert np.array_equal(part.pixels, cut_region(image, region))
        assert np.array_equal(part.to_image, region.to_image)
        assert part.shape == (60, 80)


def test_what_is_written_is_read(faces, tmp_path):
    told = []
    build_cache(tmp_path / 'a.faces', faces, ABOUT, told.append)
    assert told == list(range(COUNT + 1))
    cache = CacheFile(tmp_path / 'a.faces')
    assert cache.about == ABOUT
    assert_holds(cache, faces)
    assert [path.name for path in tmp_path.iterdir() if 'faces' in path.name] == ['a.faces']


def test_jpeg_is_a_fraction_as_long(faces, tmp_path):
    smooth = [face._replace(image=faces[0].image) for face in faces]
    cv2.imwrite(faces[0].image, cv2.GaussianBlur(cv2.imread(faces[0].image), (0, 0), 5))
    for quality in (None, 95, 50):
        about = replace(ABOUT, quality=quality)
        build_cache(tmp_path / f'{quality}.faces', smooth, about)
        length = (tmp_path / f'{quality}.faces').stat().st_size
        assert length == pytest.approx(needed_bytes(smooth, about), rel=0.1)
    assert (tmp_path / '95.faces').stat().st_size < 0.7 * (tmp_path / 'None.faces').stat().st_size
    assert CacheFile(tmp_path / '95.faces').about.quality == 95


def stopped_after(number, faces, path, about=ABOUT):
    """Begin a cache and fail at an image."""
    missing = [*faces[:number], faces[number]._replace(image='missing.png'), *faces[number + 1 :]]
    with pytest.raises(FileNotFoundError, match=r'missing\.png'):
        build_cache(path, missing, about)
    assert not path.exists()
    return path.with_name(f'.{path.name}.part')


def goes_on_at(faces, path, monkeypatch):
    """Finish a cache; returns how many faces were written newly."""
    added = []
    add = CacheWriter.add
    monkeypatch.setattr(CacheWriter, 'add', lambda writer, *face: added.append(writer.done) or add(writer, *face))
    build_cache(path, faces, ABOUT)
    assert_holds(CacheFile(path), faces)
    assert not path.with_name(f'.{path.name}.part').exists()
    return added[0]


def test_what_was_begun_is_gone_on_with(faces, tmp_path, monkeypatch):
    path = tmp_path / 'a.faces'
    stopped_after(100, faces, path)
    assert goes_on_at(faces, path, monkeypatch) == 100


def cut_off(data):
    return data[:-10]


def one_bit(data):
    rows = np.frombuffer(data, ROW, COUNT, HEAD)
    place = int(rows[40]['begin']) + 7
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def table_without_images(data):
    return data[: HEAD + COUNT * ROW.itemsize]


@pytest.mark.parametrize(
    'damage', [cut_off, one_bit, table_without_images, lambda data: data[: HEAD + 50], lambda _: b'']
)
def test_what_a_crash_has_left_is_not_trusted(damage, faces, tmp_path, monkeypatch):
    path = tmp_path / 'a.faces'
    part = stopped_after(100, faces, path)
    part.write_bytes(damage(part.read_bytes()))
    assert goes_on_at(faces, path, monkeypatch) < 100


def test_what_was_begun_with_other_settings_is_not_gone_on_with(faces, tmp_path, monkeypatch):
    path = tmp_path / 'a.faces'
    stopped_after(100, faces, path, replace(ABOUT, quality=95))
    assert goes_on_at(faces, path, monkeypatch) == 0


def test_the_old_cache_stays_until_the_new_one_is_whole(faces, tmp_path):
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    old = CacheFile(path)
    missing = [face._replace(image='missing.png') for face in faces]
    with pytest.raises(FileNotFoundError):
        build_cache(path, missing, replace(ABOUT, quality=90))
    assert_holds(CacheFile(path), faces)
    build_cache(path, faces, replace(ABOUT, quality=90))
    assert CacheFile(path).about.quality == 90
    assert_holds(old, faces)  # who has it open keeps it


def test_a_cache_without_all_faces_is_not_finished(faces, tmp_path):
    with CacheWriter(tmp_path / 'a.faces', ABOUT) as writer, pytest.raises(ValueError, match=r'all 150 faces\. Got 0'):
        writer.finish()


@pytest.mark.parametrize(
    ('damage', 'message'),
    [
        (cut_off, 'is damaged: its length is not the stated one'),
        (lambda data: data + b' ', 'is damaged: its length is not the stated one'),
        (table_without_images, 'is damaged: its length is not the stated one'),
        (lambda data: data[: HEAD + 50], 'is damaged: its length is not the stated one'),
        (lambda data: data[:100], 'is not a face cache of this version'),
        (lambda data: b'', 'is not a face cache of this version'),
        (lambda data: b'x' + data[1:], 'is not a face cache of this version'),
        (lambda data: data[:16] + b'{}' + data[18:], 'is not a face cache of this version'),
        (lambda data: data.replace(b'"count": 150', b'"count": 000', 1), 'is not a face cache of this version'),
        (lambda data: data.replace(b'"count": 150', b'"count":  -1', 1), 'is not a face .*: count must be .* Got -1'),
    ],
)
def test_a_damaged_file_is_named(damage, message, faces, tmp_path):
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FaceCacheError, match=rf'a\.faces {message}'):
        CacheFile(path)


def test_a_damaged_face_is_named(faces, tmp_path):
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    path.write_bytes(one_bit(path.read_bytes()))
    cache = CacheFile(path)
    cache.part(39)
    with pytest.raises(FaceCacheError, match=r'a\.faces is damaged: face 40'):
        cache.part(40)


def test_a_row_that_leads_out_of_the_file_is_named(faces, tmp_path):
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    with path.open('r+b') as file:
        file.seek(HEAD + 40 * ROW.itemsize)
        file.write((2**60).to_bytes(8, 'little'))
    with pytest.raises(FaceCacheError, match=r'a\.faces is damaged: its table'):
        CacheFile(path)


def test_no_flipped_bit_before_the_images_changes_a_face(faces, tmp_path):
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for place in [*rng.integers(0, 400, 100), *rng.integers(HEAD, HEAD + COUNT * ROW.itemsize, 100)]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << int(rng.integers(8))]) + whole[place + 1 :])
        try:
            cache = CacheFile(path)
            assert_holds(cache, faces[:1])
            assert cache.about == ABOUT
        except FaceCacheError:
            refused += 1
    assert refused > 190


def test_a_file_without_a_checksum_of_its_table_is_read(faces, tmp_path):
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    path.write_bytes(head(ABOUT) + path.read_bytes()[HEAD:])
    assert_holds(CacheFile(path), faces)


def test_a_label_that_leaves_no_room_for_the_checksum_is_said_before_the_faces_are_cut(faces, tmp_path):
    def labelled(length):
        return replace(ABOUT, key=replace(ABOUT.key, label='x' * length))

    free = HEAD - len(head(labelled(0)).rstrip()) - 1
    head(labelled(free - len(', "checksum": 4294967295')))
    for length in (free, free - 1, free - len(', "checksum": 4294967295') + 1):
        told = []
        with pytest.raises(FaceCacheError, match=r'label of a face cache must be shorter\. Got .xxx'):
            build_cache(tmp_path / 'a.faces', faces, labelled(length), told.append)
        assert told == []
    longest = labelled(free - len(', "checksum": 4294967295'))
    build_cache(tmp_path / 'a.faces', faces, longest)
    assert CacheFile(tmp_path / 'a.faces').about == longest


def test_who_has_a_cache_open_keeps_it_when_it_is_removed(faces, tmp_path):
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    cache = CacheFile(path)
    copy = pickle.loads(pickle.dumps(cache))
    assert_holds(copy, faces)
    late = pickle.loads(pickle.dumps(cache))
    path.unlink()
    assert_holds(cache, faces)
    assert_holds(copy, faces)
    with pytest.raises(FaceCacheError, match=r'a\.faces is not a face cache .*No such file'):
        late.part(0)


def test_a_copy_does_not_read_another_cache_of_that_name(faces, tmp_path):
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    sent = pickle.dumps(CacheFile(path))
    build_cache(path, faces, ABOUT)
    assert_holds(pickle.loads(sent), faces)
    build_cache(path, faces, replace(ABOUT, quality=90))
    with pytest.raises(FaceCacheError, match=r'a\.faces was replaced while it was read'):
        pickle.loads(sent).part(0)


@pytest.mark.parametrize('change', [lambda data: b'', lambda data: data[:-1], lambda data: data + b' '])
def test_a_file_that_is_overwritten_is_named(change, faces, tmp_path):
    """Of a map of memory that is longer than its file, reading the end kills the process."""
    path = tmp_path / 'a.faces'
    build_cache(path, faces, ABOUT)
    cache = CacheFile(path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(FaceCacheError, match=r'a\.faces was overwritten while it was read'):
        cache.part(COUNT - 1)


def test_raw_pixels_are_not_copied(faces, tmp_path):
    build_cache(tmp_path / 'a.faces', faces, ABOUT)
    pixels = CacheFile(tmp_path / 'a.faces').part(0).pixels
    while not isinstance(pixels, mmap.mmap | memoryview):
        assert pixels is not None
        pixels = pixels.base
    assert isinstance(pixels, mmap.mmap) or isinstance(pixels.obj, mmap.mmap)


def test_too_little_space_is_said_before(tmp_path):
    assert check_space(tmp_path, 1) > 1
    with pytest.raises(FaceCacheError, match=r'need about 1,000,000,000,000\.0 MB in .*, where [\d,.]+ MB are free'):
        check_space(tmp_path, 10**18)
