"""The index as it is written and read."""

import json

import pytest
from zoo_folder import entry

from mmsepbn.fitted.calibration import Calibration
from mmsepbn.zoo.index import NAME, ZooError, read_index, write_index


def test_what_is_written_is_read_in_its_order(tmp_path):
    networks = (entry('two', fails='Ä "quoted" | line\nnext'), entry('one', calibration=Calibration(0.01, 5.5, 0.05)))
    write_index(tmp_path, networks)
    assert read_index(tmp_path) == networks
    assert [path.name for path in tmp_path.iterdir()] == ['index.json']
    text = (tmp_path / 'index.json').read_text('utf-8')
    assert text.endswith('}\n')
    assert json.loads(text)['networks'][1]['box_maps']['haar']['scale'] == 0.9


def test_a_folder_without_an_index_has_no_networks(tmp_path):
    assert read_index(tmp_path) == ()
    write_index(tmp_path, [])
    assert read_index(tmp_path) == ()


def test_a_damaged_index_is_named(tmp_path):
    write_index(tmp_path, [entry(calibration=Calibration(0.01, 5.5, 0.05))])
    file = tmp_path / 'index.json'
    whole = file.read_text()
    damaged = [
        *('', '[]', '5', '{"format": 1}', '{"format": 1, "networks": 3}', '{"format": 1, "networks": [{}]}'),
        *(whole[:-9], whole.replace('"seed"', '"seed'), whole.replace('"summary"', '"sum"')),
        *(whole.replace('5.5', '0'), whole.replace('"half"', '"whole"')),
        *(whole.replace('"sha256"', '"sha"'), whole.replace('0.9', '"wide"'), whole.replace('0.9', '-1')),
    ]
    for text in damaged:
        file.write_text(text)
        with pytest.raises(ZooError, match=r'index\.json is damaged: \w+'):
            read_index(tmp_path)
    file.write_bytes(b'\xff\xfe')
    with pytest.raises(ZooError, match='is damaged'):
        read_index(tmp_path)
    file.write_text('{"format": 2, "networks": []}')
    with pytest.raises(ZooError, match='has the format 2, this version reads 1'):
        read_index(tmp_path)


def test_names_cannot_be_taken_for_paths():
    assert NAME.fullmatch('sepbn_mobilenetv2-5')
    assert not any(map(NAME.fullmatch, ('', 'a.onnx', 'configs/a', '../a', 'A', '-a', 'a b', 'a.py', 'a\n')))
