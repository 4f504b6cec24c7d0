"""From names to files."""

import hashlib

import pytest
from zoo_folder import entry

from mmsepbn.zoo.index import ZooError, ZooFile
from mmsepbn.zoo.resolve import find_network, verified


def test_a_network_is_found_by_its_name_and_the_first_without_one():
    networks = (entry('two'), entry('one'))
    assert find_network('one', networks) is networks[1]
    assert find_network(None, networks) is networks[0]
    with pytest.raises(ZooError, match=r"no network 'onE'. With the package come two, one\."):
        find_network('onE', networks)


def test_an_empty_zoo_says_what_to_do_instead():
    with pytest.raises(ZooError, match=r'^No network comes with the package yet: give a config and its checkpoint'):
        find_network(None, ())
    with pytest.raises(ZooError, match=r"^There is no network 'one'; none comes with the package yet: give a config"):
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
