"""Files that stay as they were unless the new one is good."""

import pytest

from mmsepbn.export.write import write_checked


class Model:
    """What is written of a model: its bytes."""

    def SerializeToString(self):
        return b'new'


def test_the_file_is_there_whole_when_it_has_been_tried(tmp_path):
    path, seen = tmp_path / 'landmarks.onnx', []
    path.write_bytes(b'old')

    def check(written):
        seen.append((written.name, written.read_bytes(), path.read_bytes()))

    write_checked(Model(), path, check)
    assert seen == [('landmarks.onnx', b'new', b'old')]
    assert path.read_bytes() == b'new'
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_one_stays_where_the_new_one_is_refused(tmp_path):
    path = tmp_path / 'landmarks.onnx'
    path.write_bytes(b'old')

    def refuse(written):
        raise ValueError('off by 3 pixels')

    with pytest.raises(ValueError, match='off by 3'):
        write_checked(Model(), path, refuse)
    assert path.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [path]
