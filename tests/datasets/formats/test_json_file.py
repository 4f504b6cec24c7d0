"""Reading JSON files: what is read, and what is said of a file that is none."""

import pytest

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.formats.json_file import load_json


def test_values_are_read_with_or_without_a_byte_order_mark(tmp_path):
    path = tmp_path / 'a.json'
    for mark in ('', '\ufeff'):
        path.write_text(mark + '{"a": [1, 2.5, null], "b": "ä"}', encoding='utf-8')
        assert load_json(path) == {'a': [1, 2.5, None], 'b': 'ä'}


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        (b'', 'a.json:1: not valid JSON: Expecting value'),
        (b'{"images": []', 'a.json:1: not valid JSON'),
        (b'{\n"images": [', 'a.json:2: not valid JSON'),
        (b'[' * 200_000, 'a.json: not valid JSON: too deep'),
        (b'{"images": ' + b'9' * 5000 + b'}', 'a.json: not valid JSON: Exceeds the limit'),
        (b'{"images": [], "images": [1]}', "a.json: not valid JSON: the key 'images' appears twice in an object"),
        (b'{\n"a": "\xff"}', 'a.json:2: must be text in UTF-8. Got byte 0xff'),
    ],
)
def test_a_file_that_is_not_json_is_named(tmp_path, content, message):
    path = tmp_path / 'a.json'
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match=message):
        load_json(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(AnnotationError, match=r'a\.json cannot be read: '):
        load_json(tmp_path / 'a.json')
