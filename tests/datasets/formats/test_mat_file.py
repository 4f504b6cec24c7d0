"""The reader of MATLAB files against SciPy's, and what it refuses."""

import io
import struct
import zlib

import numpy as np
import pytest
import scipy.io

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.mat_file import read_mat

_HEADER = b'MATLAB 5.0 MAT-file'.ljust(124) + b'\0\1IM'


def element(kind, data):
    return struct.pack('<II', kind, len(data)) + data + bytes(-len(data) % 8)


def array(kind, shape, *content, name=b'x', flags=0):
    """A data element of class ``kind`` by hand."""
    head = element(6, struct.pack('<II', kind | flags, 0)), element(5, struct.pack(f'<{len(shape)}i', *shape))
    return element(14, b''.join((*head, element(1, name), *content)))


def text_of(value):
    """SciPy's text of one line."""
    return str(value[0]) if len(value) else ''


@pytest.mark.parametrize('packed', [False, True])
@pytest.mark.parametrize('dtype', ['f8', 'f4', 'i1', 'u1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', '?'])
def test_numbers_are_those_of_scipy(tmp_path, packed, dtype):
    rng = np.random.default_rng(0)
    content = {
        f'a{i}': (rng.uniform(0, 99, shape)).astype(dtype) for i, shape in enumerate([(3, 5), (1, 1), (2, 3, 4)])
    }
    content['empty'] = np.empty((0, 4), dtype)
    scipy.io.savemat(tmp_path / 'a.mat', content, do_compression=packed)
    found = read_mat(tmp_path / 'a.mat', content)
    expected = scipy.io.loadmat(tmp_path / 'a.mat')
    for name in content:
        assert np.array_equal(found[name], expected[name])
        assert found[name].shape == expected[name].shape


@pytest.mark.parametrize('packed', [False, True])
def test_text_cells_and_structs_are_those_of_scipy(tmp_path, packed):
    words = ['a', 'a b.jpg', 'näme', '漢', '', 'x' * 300]
    names = np.empty((3, 2), object)
    names.ravel()[:] = words
    boxes = np.empty((1, 2), object)
    for index in range(2):
        boxes[0, index] = dict(imgName=words[index], box=np.arange(4.0)[None] + index)
    scipy.io.savemat(tmp_path / 'a.mat', dict(names=names, boxes=boxes, other=1), do_compression=packed)
    found = read_mat(tmp_path / 'a.mat', ('names', 'boxes'))
    expected = scipy.io.loadmat(tmp_path / 'a.mat')
    assert found['other'] is None
    assert found['names'].tolist() == [[text_of(word) for word in row] for row in expected['names']]
    assert found['names'].tolist() == names.tolist()
    for mine, theirs in zip(found['boxes'][0], expected['boxes'][0], strict=True):
        assert mine['imgName'] == theirs['imgName'][0, 0][0]
        assert np.array_equal(mine['box'], theirs['box'][0, 0])


def test_big_endian_files_are_read(tmp_path):
    data = np.array([1.5, -2.0])
    content = struct.pack('>II', 6, 8) + struct.pack('>II', 6, 0) + struct.pack('>II', 5, 8) + struct.pack('>ii', 1, 2)
    content += struct.pack('>HH', 1, 1) + b'x\0\0\0' + struct.pack('>II', 9, 16) + data.astype('>f8').tobytes()
    whole = b'MATLAB 5.0 MAT-file'.ljust(124) + b'\1\0MI' + struct.pack('>II', 14, len(content)) + content
    assert scipy.io.loadmat(io.BytesIO(whole))['x'].tolist() == [data.tolist()]
    (tmp_path / 'a.mat').write_bytes(whole)
    assert read_mat(tmp_path / 'a.mat', ['x'])['x'].tolist() == [data.tolist()]


_DEEP = array(1, (1, 1), name=b'')
for _ in range(40):
    _DEEP = array(1, (1, 1), _DEEP)

NUMBERS = element(9, struct.pack('<2d', 1, 2))


def test_the_arrays_made_by_hand_are_sound(tmp_path):
    (tmp_path / 'a.mat').write_bytes(_HEADER + array(6, (1, 2), NUMBERS))
    assert read_mat(tmp_path / 'a.mat', ['x'])['x'].tolist() == [[1, 2]]
    assert scipy.io.loadmat(tmp_path / 'a.mat')['x'].tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'no header of version 5'),
        (b'MATLAB 7.3 MAT-file'.ljust(124) + b'\0\2IM', 'no header of version 5'),
        (_HEADER + struct.pack('<II', 14, 10**9), 'an element of 1000000000 bytes begins where 0 are left'),
        (_HEADER + array(6, (1, 10**9), NUMBERS), r'an array has the shape \(1, 1000000000\)'),
        (_HEADER + array(6, (2**31 - 1,) * 8, NUMBERS), 'an array has the shape'),
        (_HEADER + array(6, (-1, -2), NUMBERS), r'shape \(-1, -2\)'),
        (_HEADER + array(1, (1, 10**9)), r'an array has the shape \(1, 1000000000\)'),
        (_HEADER + array(4, (1, 10**9), element(16, b'ab')), r'an array has the shape \(1, 1000000000\)'),
        (_HEADER + array(6, (1, 3), NUMBERS), r'array of shape \(1, 3\) has 2 entries'),
        (_HEADER + array(6, (0, 2**31 - 1, 2**31 - 1, 2**31 - 1), element(9, b'')), 'an array has the shape'),
        (_HEADER + array(1, (1, 3)), 'a cell or struct must have 3 arrays. Got 0'),
        (_HEADER + array(4, (1, 3), element(16, b'ab')), r'one line. Got shape \(1, 3\) of 2 characters'),
        (_HEADER + array(4, (2, 1), element(16, b'ab')), r'one line. Got shape \(2, 1\)'),
        (_HEADER + array(2, (1, 1), element(5, b'\2\0\0\0'), element(1, b'a\0a\0')), r"fields \['a', 'a'\]"),
        (_HEADER + array(4, (1, 1), element(16, b'\xff')), 'text is not in utf-8'),
        (_HEADER + _DEEP, 'more than 12 elements within each other'),
        (_HEADER + array(6, (1, 2), NUMBERS, flags=0x800), 'complex numbers'),
        (_HEADER + array(5, (1, 2), NUMBERS), 'class 5'),
        (_HEADER + element(14, NUMBERS + NUMBERS + element(1, b'x') + NUMBERS), 'whole numbers, got 2 of float64'),
        (_HEADER + array(2, (1, 1), element(5, b'\0' * 4), element(1, b'a')), r'not of the length \[0\]'),
        (_HEADER + array(2, (1, 1), element(5, b'\4\0\0\0'), element(1, b'')), r'a struct has the fields \[\]'),
        (_HEADER + array(6, (1, 2), NUMBERS) * 2, "it holds 'x' twice"),
        (_HEADER + element(15, b'no stream'), 'cannot be unpacked'),
        (_HEADER + element(15, zlib.compress(array(6, (1, 2), NUMBERS))[:-8]), 'a packed variable ends early'),
        (_HEADER + element(9, bytes(16)), 'expected an array, got an element of type 9'),
    ],
)
def test_sizes_that_the_bytes_do_not_bear_out_are_named(tmp_path, content, message):
    (tmp_path / 'a.mat').write_bytes(content)
    with pytest.raises(AnnotationError, match=f'a.mat must be a MATLAB file before v7.3: .*{message}'):
        read_mat(tmp_path / 'a.mat', ['x'])


def test_a_variable_that_unpacks_to_more_than_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr('mmsepbn.datasets.formats.mat_file._MOST_BYTES', 2**20)
    (tmp_path / 'a.mat').write_bytes(_HEADER + element(15, zlib.compress(bytes(2**22))))
    with pytest.raises(AnnotationError, match='has more than 1048576 bytes'):
        read_mat(tmp_path / 'a.mat', ['x'])


def test_a_cell_of_more_arrays_than_any_set_has_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr('mmsepbn.datasets.formats.mat_file._MOST_ARRAYS', 100)
    empty = struct.pack('<II', 14, 0)
    (tmp_path / 'a.mat').write_bytes(_HEADER + array(1, (1, 99), empty * 99))
    assert read_mat(tmp_path / 'a.mat', ['x'])['x'].shape == (1, 99)
    (tmp_path / 'a.mat').write_bytes(_HEADER + array(1, (1, 100), empty * 100))
    with pytest.raises(AnnotationError, match='more than 100 arrays'):
        read_mat(tmp_path / 'a.mat', ['x'])
