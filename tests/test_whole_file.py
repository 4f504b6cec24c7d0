import json
import math
import os

import pytest

from mmsepbn.outputs.folder import OutputFolder
from mmsepbn.whole_file import part_of, remove_parts, write_json, write_whole


def test_two_writers_of_one_file_do_not_meet(tmp_path, monkeypatch):
    path, sync = tmp_path / 'a.json', os.fsync

    def meanwhile(descriptor):
        monkeypatch.setattr(os, 'fsync', sync)
        write_whole(path, b'second')
        assert path.read_bytes() == b'second'

    monkeypatch.setattr(os, 'fsync', meanwhile)
    write_whole(path, b'first')
    assert path.read_bytes() == b'first'
    assert os.listdir(tmp_path) == ['a.json']


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / 'a.json'
    write_whole(path, b'old')

    def full(descriptor):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'fsync', full)
    with pytest.raises(OSError, match='No space'):
        write_whole(path, b'new')
    assert path.read_bytes() == b'old'
    assert os.listdir(tmp_path) == ['a.json']


def test_the_file_is_there_whole_when_it_has_been_tried(tmp_path):
    path, seen = tmp_path / 'landmarks.onnx', []
    path.write_bytes(b'old')

    def check(written):
        seen.append((written.parent, written.read_bytes(), path.read_bytes()))

    write_whole(path, b'new', check)
    assert seen == [(tmp_path, b'new', b'old')]
    assert path.read_bytes() == b'new'
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_one_stays_where_the_new_one_is_refused(tmp_path):
    path = tmp_path / 'landmarks.onnx'
    path.write_bytes(b'old')

    def refuse(written):
        raise ValueError('off by 3 pixels')

    with pytest.raises(ValueError, match='off by 3'):
        write_whole(path, b'new', refuse)
    assert path.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [path]


def test_only_parts_are_removed(tmp_path):
    others = ('.a.pth.part', '.b.json.0123abcd.part', 'a.pth', '.a.pth.0123ABCD.part', 'a.pth.0123abcd.part')
    for name in others:
        (tmp_path / name).touch()
    part_of(tmp_path / 'a.pth').touch()
    remove_parts(tmp_path, '*.pth')
    assert sorted(os.listdir(tmp_path)) == sorted(others)


def test_looking_whether_a_folder_can_be_written_leaves_its_files(tmp_path):
    (tmp_path / '.mmsepbn').write_text('mine')
    OutputFolder(tmp_path).refuse_existing(['a.json'])
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [('.mmsepbn', 'mine')]


def test_json_is_readable_and_what_json_lacks_leaves_the_old_file(tmp_path):
    path = tmp_path / 'a.json'
    content = {'ä': [os.fsdecode(b'a\xff'), None]}
    write_json(path, content)
    written = '{\n "ä": [\n  "a\\udcff",\n  null\n ]\n}\n'.encode()
    assert json.loads(written) == content
    assert path.read_bytes() == written
    with pytest.raises(ValueError, match='not JSON compliant'):
        write_json(path, dict(loss=math.nan))
    assert path.read_bytes() == written
    assert os.listdir(tmp_path) == ['a.json']
