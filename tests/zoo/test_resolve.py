"""From names to files."""

import hashlib

import pytest
from zoo_folder import add, entry

from mmsepbn.zoo import index
from mmsepbn.zoo.index import ZooError, ZooFile
from mmsepbn.zoo.resolve import checkpoint_file, find_network, is_zoo_name, verified


def test_a_network_is_found_by_its_name_and_the_first_without_one():
    networks = (entry('two'), entry('one'))
    assert find_network('one', networks) is networks[1]
    assert find_network(None, networks) is networks[0]
    with pytest.raises(ZooError, match=r"no network 'onE'. The bundled networks are two, one\."):
        find_network('onE', networks)


def test_an_empty_zoo_says_what_to_do_instead():
    with pytest.raises(ZooError, match=r'^No network is bundled yet: give a config and its checkpoint'):
        find_network(None, ())
    with pytest.raises(ZooError, match=r"^There is no network 'one'; none is bundled yet: give a config"):
        find_network('one', ())


def test_a_file_is_taken_only_as_it_was_published(tmp_path):
    content = bytes(range(256)) * 5000
    file = ZooFile('a-1.onnx', hashlib.sha256(content).hexdigest(), len(content))
    with pytest.raises(FileNotFoundError, match=r'There is no file .*a-1\.onnx, which belongs to the package'):
        verified(tmp_path, file)
    path = tmp_path / file.name
    path.write_bytes(content)
    assert verified(tmp_path, file) == path
    for place in (0, 4096, len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ZooError, match=r'a-1\.onnx is damaged, its SHA-256 is not that of the index'):
            verified(tmp_path, file)
    for other in (content[:-1], content + b'\0', b''):
        path.write_bytes(other)
        with pytest.raises(ZooError, match='is damaged'):
            verified(tmp_path, file)


def test_a_checkpoint_is_a_file_or_else_a_network_of_the_zoo(tmp_path, monkeypatch):
    zoo = tmp_path / 'zoo'
    zoo.mkdir()
    monkeypatch.setattr(index, 'FOLDER', zoo)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r'^There is no checkpoint one\.$'):
        checkpoint_file('one')
    published = zoo / 'one-12345678.pth'
    published.write_bytes(b'weights')
    add(zoo, 'one', checkpoint=published)
    (tmp_path / 'one').mkdir()  # the folder of a run, say
    assert checkpoint_file('one') == published
    with pytest.raises(FileNotFoundError, match=r'^There is no checkpoint two\. The bundled networks are one\.$'):
        checkpoint_file('two')
    with pytest.raises(FileNotFoundError, match=r'^There is no checkpoint runs/one\.pth\.$'):
        checkpoint_file('runs/one.pth')
    with pytest.raises(FileNotFoundError, match='is a folder, not a checkpoint'):
        checkpoint_file(str(tmp_path))
    (tmp_path / 'one').rmdir()
    (tmp_path / 'one').write_bytes(b'mine')
    assert checkpoint_file('one').read_bytes() == b'mine'
    published.write_bytes(b'damaged')
    (tmp_path / 'one').unlink()
    with pytest.raises(ZooError, match='is damaged'):
        checkpoint_file('one')


def test_what_may_be_a_name():
    assert is_zoo_name('sepbn_mobilenetv2')
    assert not any(map(is_zoo_name, (None, 3, 'a.onnx', 'a.py', 'configs/a', './a')))
