"""What is said about data sets before training."""

import json
import shutil
from dataclasses import replace

import pytest

from mmsepbn.datasets import WiderFaceDataset
from mmsepbn.datasets.checks.found import EXPECTED, build_dataset, found_in, labels_of, source_of, wider_face_counts
from mmsepbn.datasets.config_sets import SetUse
from mmsepbn.protocols import AFLW, FACE_300W, WFLW


def found(training, config):
    return found_in(SetUse('x', training, config), build_dataset(config))


def test_the_source_is_the_file_or_the_root_and_the_split():
    assert source_of(dict(data_root='/d', ann_file='a.mat')) == '/d/a.mat'
    assert source_of(dict(data_root='/d', split='private')) == '/d (private)'
    assert source_of(dict(ann_file='a.mat')) == 'a.mat'


def test_official_counts_fit_the_protocols():
    for name, protocol in (('WFLWDataset', WFLW), ('AFLWDataset', AFLW), ('Face300WDataset', FACE_300W)):
        assert set(EXPECTED[name, 'test']) == {'faces', *protocol.subsets}
    challenge = EXPECTED['Face300WDataset', 'test']
    assert challenge['common'] + challenge['challenging'] == challenge['faces']


def test_differences_are_marked_also_of_subsets_nobody_belongs_to(synthetic_faces, monkeypatch):
    config = dict(type='mmsepbn.Face300WDataset', data_root=str(synthetic_faces / '300W'), split='test')
    assert found(False, config).startswith('x, test: faces 4 (the official count is 689), common ')
    monkeypatch.setitem(EXPECTED, ('Face300WDataset', 'test'), {'faces': 4})
    assert found(False, config).startswith('x, test: faces 4, common ')
    monkeypatch.setitem(EXPECTED, ('Face300WDataset', 'train'), {'faces': 8, 'common': 5})
    line = found(True, config | dict(split='train'))
    assert line == 'x, training: faces 8, common 0 (the official count is 5); official boxes'


def test_parts_of_a_set_are_compared_with_no_count(synthetic_faces):
    config = dict(type='mmsepbn.Face300WDataset', data_root=str(synthetic_faces / '300W'), split='test')
    for part in (dict(subsets=('common',)), dict(indices=1), dict(indices=[0])):
        line = found(False, config | part)
        assert 'official count' not in line
        assert 'challenging' not in line
        assert ', common ' in line
    wider = dict(type='mmsepbn.WiderFaceDataset', data_root=str(synthetic_faces / 'WIDER_FACE'))
    wider |= dict(ann_file='train/label.txt', data_prefix=dict(img='train/images'))
    assert found(True, wider | dict(min_size=10)) == 'x, training: faces 8; official boxes'


def test_subsets_of_ones_own_are_counted(tmp_path):
    class Tagged(WiderFaceDataset):
        def read_json(self, path):
            for face, tags in zip(super().read_json(path), (('small', 'large'), ('large',)), strict=True):
                yield replace(face, subsets=tags)

    entries = [dict(id=i, image_id=1, bbox=[3, 4, 5, 6], keypoints=[11.0, 21.0, 1] * 5) for i in range(2)]
    (tmp_path / 'a.jpg').touch()
    (tmp_path / 'a.json').write_text(json.dumps(dict(images=[dict(id=1, file_name='a.jpg')], annotations=entries)))
    dataset = Tagged(data_root=str(tmp_path), ann_file='a.json')
    line = found_in(SetUse('x', False, None), dataset)
    assert line == 'x, test: faces 2, large 2, small 1; boxes of the file'


def test_the_split_of_a_set_decides_what_is_expected(synthetic_faces, tmp_path):
    (tmp_path / '300W').mkdir()
    for folder, source in (('01_Indoor', 'afw'), ('02_Outdoor', 'lfpw/trainset')):
        shutil.copytree(synthetic_faces / '300W' / source, tmp_path / '300W' / folder)
    config = dict(type='mmsepbn.Face300WDataset', data_root=str(tmp_path), split='private', boxes='landmarks')
    assert found(False, config) == 'x, test: faces 5 (the official count is 600); boxes around the landmarks'


def test_a_foreign_set_is_counted_and_no_more():
    class Foreign(list):
        def get_data_info(self, index):
            return self[index]

    line = found_in(SetUse('x', True, None), Foreign([1, 2]))
    assert line.startswith('x, training: 2 samples of ')
    assert line.endswith('Foreign, not inspected')


def test_what_is_no_data_set_is_refused():
    for config, message in ((None, 'must be a dict. Got None'), (dict(a=1), r"must have a type. It has \['a'\]")):
        with pytest.raises(ValueError, match=message):
            build_dataset(config)


def test_the_label_file_is_that_of_wider_face_alone(tmp_path):
    (tmp_path / 'label.txt').touch()
    settings = dict(data_root=str(tmp_path), ann_file='label.txt')
    for kind in ('WiderFaceDataset', 'mmsepbn.WiderFaceDataset', WiderFaceDataset):
        assert labels_of(dict(type=kind, **settings)) == tmp_path / 'label.txt'
    assert labels_of(dict(type='COFWDataset', **settings)) is None
    assert labels_of(dict(type='WiderFaceDataset', ann_file='gone.txt')) is None


def test_large_faces_are_counted_in_four_ways(tmp_path):
    lines = ['# a.jpg']
    for width, points in (
        (80, '1 1 0'),
        (80, '-1 -1 -1'),
        (81, '1 1 0'),
        (81, '1 1 0'),
        (81, '-1 -1 -1'),
        (9, '1 1 0'),
    ):
        lines.append(f'0 0 {width} 200 ' + f'{points} ' * 5 + '0.5')
    (tmp_path / 'label.txt').write_text('\n'.join(lines))
    text = f'{tmp_path}/label.txt: faces of width and height > 80: 3, 2 with landmarks; >= 80: 5, 3 with landmarks'
    assert wider_face_counts(tmp_path / 'label.txt') == text


def test_a_json_is_said_to_have_1_subtracted_unless_its_first_pixel_is_named(tmp_path):
    entry = dict(id=1, image_id=1, bbox=[30, 40, 5, 6], keypoints=[11.0, 21.0, 1] * 68)
    (tmp_path / 'a.jpg').touch()
    (tmp_path / 'a.json').write_text(json.dumps(dict(images=[dict(id=1, file_name='a.jpg')], annotations=[entry])))
    config = dict(type='mmsepbn.Face300WDataset', data_root=str(tmp_path), ann_file='a.json')
    line = found(True, config)
    assert 'faces 1 (the official count is 3148)' in line
    assert found(False, config).startswith('x, test: faces 1 (the official count is 689); boxes of the file; 1 is')
    assert "; 1 is subtracted from landmarks and boxes, as in MMPose's JSON" in line
    assert found(True, config | dict(first_pixel=0)) == 'x, training: faces 1; boxes of the file'
