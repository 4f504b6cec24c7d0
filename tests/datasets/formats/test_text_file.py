"""Annotation files are regular files of UTF-8, or are named."""

import os

import pytest

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.text_file import MOST_BYTES, read_bytes, read_lines


def test_a_byte_order_mark_and_any_line_ends_are_read(tmp_path):
    file = tmp_path / 'a.txt'
    file.write_bytes('\ufeffä 1\r\n2\u2028\r3\n'.encode())
    assert read_lines(file) == ['ä 1', '2\u2028', '3', '']


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'one\ntwo \xe4\nthree', 'a.txt:2: must be text in UTF-8. Got byte 0xe4'),
        ('one\ntwo'.encode('utf-16'), 'a.txt:1: must be text in UTF-8. Got byte 0xff'),
        (b'one\n\ntw\0o', 'a.txt:3: must be text in UTF-8. Got a NUL byte'),
    ],
)
def test_other_encodings_are_named_by_line(tmp_path, content, message):
    (tmp_path / 'a.txt').write_bytes(content)
    with pytest.raises(AnnotationError, match=message):
        read_lines(tmp_path / 'a.txt')


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    (tmp_path / 'circle').symlink_to('circle')
    with (tmp_path / 'sparse').open('wb') as file:
        file.truncate(MOST_BYTES + 1)
    for name, message in {
        'pipe': 'pipe must be a regular file. Got a pipe',
        '.': 'must be a regular file. Got a folder',
        '/dev/zero': '/dev/zero must be a regular file. Got a device',
        'circle': 'circle cannot be read: Too many levels of symbolic links',
        'gone': 'gone cannot be read: No such file',
        'n' * 300: 'cannot be read: File name too long',
        'a\0b': 'cannot be read: embedded null byte',
        'sparse': f'sparse must have at most {MOST_BYTES} bytes. Got {MOST_BYTES + 1}',
    }.items():
        with pytest.raises(AnnotationError, match=message):
            read_bytes(tmp_path / name)
