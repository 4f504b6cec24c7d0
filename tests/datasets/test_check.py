"""What is said about data sets before training."""

import runpy
import shutil
from contextlib import nullcontext

import cv2
import pytest
from helpers import ROOT

from mmsepbn.datasets.check import EXPECTED, check_dataset, dataset_configs, source_of, wider_face_counts
from mmsepbn.protocols import AFLW, FACE_300W, WFLW

WIDER_FACE = dict(type='mmsepbn.WiderFaceDataset', ann_file='train/label.txt', data_prefix=dict(img='train/images'))
A, B, C = (dict(type='mmsepbn.COFWDataset', ann_file=f'{name}.mat') for name in 'abc')


def test_train_val_and_test_are_walked_and_named_once():
    config = dict(
        train_dataloader=dict(dataset=dict(type='Wrapper', datasets=dict(one=A, two=dict(datasets=dict(deep=B))))),
        val_dataloader=dict(dataset=dict(type='Wrapper', use=['two', 'val'], datasets=dict(one=A, two=B, val=A))),
        test_dataloader=dict(dataset=dict(type='Wrapper', datasets=dict(two=B, three=C))),
    )
    assert list(dataset_configs(config)) == [
        ('one', True, A),
        ('deep', True, B),
        ('two', False, B),
        ('val', False, A),
        ('three', False, C),
    ]


def test_loaders_that_a_config_lacks_are_left_out():
    config = dict(train_dataloader=dict(dataset=A), val_dataloader=None)
    assert list(dataset_configs(config)) == [('COFWDataset', True, A)]


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
    good, line = check_dataset('x', False, config)
    assert good
    assert line.startswith('x, test: faces 4 (the official count is 689), common ')
    monkeypatch.setitem(EXPECTED, ('Face300WDataset', 'test'), {'faces': 4})
    assert check_dataset('x', False, config)[1].startswith('x, test: faces 4, common ')
    monkeypatch.setitem(EXPECTED, ('Face300WDataset', 'train'), {'faces': 8, 'common': 5})
    line = check_dataset('x', True, config | dict(split='train'))[1]
    assert line == 'x, training: faces 8, common 0 (the official count is 5); official boxes'


def test_the_split_of_a_set_decides_what_is_expected(synthetic_faces, tmp_path):
    (tmp_path / '300W').mkdir()
    for folder, source in (('01_Indoor', 'afw'), ('02_Outdoor', 'lfpw/trainset')):
        (tmp_path / '300W' / folder).symlink_to(synthetic_faces / '300W' / source)
    config = dict(type='mmsepbn.Face300WDataset', data_root=str(tmp_path), split='private', boxes='landmarks')
    good, line = check_dataset('x', False, config)
    assert good
    assert line == 'x, test: faces 5 (the official count is 600); landmarks boxes'


def test_an_error_takes_one_line(tmp_path):
    (tmp_path / 'label.txt').write_text('# gone.jpg\n0 0 90 90 ' + '1 1 0 ' * 5 + '0.5\n')
    config = dict(type='mmsepbn.WiderFaceDataset', data_root=str(tmp_path), ann_file='label.txt')
    expected = f'x, training: ERROR 1 annotated images are missing under {tmp_path}/:; gone.jpg'
    assert check_dataset('x', True, config) == (False, expected)


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


def test_the_tool_fails_for_a_set_that_cannot_be_read(run_tool):
    output = run_tool('tools/check_data.py', ROOT / 'configs' / 'cnt_sepbn_vanilla.py', expect=1, CNT_SETS='cofw,aflw')
    assert 'cofw, test: faces 4 (the official count is 507); official boxes' in output
    assert 'AFLWDataset(num_train=) is 20000' in output


@pytest.fixture
def check_data(monkeypatch, capsys):
    """Run the tool in this process; returns what it printed."""
    monkeypatch.setattr('mmengine.registry.init_default_scope', lambda scope: None)  # it would outlive the test

    def run(*args, fails=False):
        monkeypatch.setattr('sys.argv', ['check_data.py', *map(str, args)])
        with pytest.raises(SystemExit) if fails else nullcontext():
            runpy.run_path(str(ROOT / 'tools' / 'check_data.py'), run_name='__main__')
        return capsys.readouterr().out

    return run


@pytest.fixture
def write_config(tmp_path):
    """Write a config that trains on one set; returns its file."""

    def write(dataset):
        file = tmp_path / 'config.py'
        file.write_text(f"default_scope = 'mmsepbn'\ntrain_dataloader = dict(dataset={dataset!r})\n")
        return file

    return write


def test_the_tool_does_not_fail_for_counts(synthetic_faces, monkeypatch, check_data):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    first, second = check_data(ROOT / 'configs' / 'sepbn_vanilla_cofw.py').splitlines()[-2:]
    file = synthetic_faces / 'COFW' / 'COFW_train_color.mat'
    assert first == f'COFWDataset, training: faces 8 (the official count is 1345); official boxes [{file}]'
    assert second.startswith('COFWDataset, test: faces 4')


def test_the_tool_counts_large_faces_also_where_all_are_small(synthetic_faces, check_data, write_config):
    config = write_config(WIDER_FACE | dict(data_root=str(synthetic_faces / 'WIDER_FACE'), min_size=900))
    error, counts = check_data(config, fails=True).splitlines()[-2:]
    assert 'ERROR' in error
    assert 'no faces found' in error
    assert counts.endswith('> 900: 0, 0 with landmarks; >= 900: 0, 0 with landmarks')


def test_the_tool_fails_for_pictures_that_cannot_be_used(synthetic_faces, tmp_path, check_data, write_config):
    root = shutil.copytree(synthetic_faces / 'WIDER_FACE', tmp_path / 'faces')
    config = write_config(WIDER_FACE | dict(data_root=str(root), min_size=1))
    broken = next((root / 'train/images').rglob('*.jpg'))
    broken.write_bytes(b'')
    assert 'ERROR' not in check_data(config)
    found = f'  ERROR pictures that cannot be used: 1\n  The picture {broken} cannot be read.\n'
    assert found in check_data(config, '--pictures', fails=True)


def test_the_tool_draws_a_row_for_each_set(run_tool, tmp_path):
    run_tool('tools/check_data.py', ROOT / 'configs' / 'sepbn_vanilla_cofw.py', '--sheet', 'new/sheet.png')
    sheet = cv2.imread(str(tmp_path / 'new' / 'sheet.png'))
    assert sheet.shape == (2 * (24 + 160 + 4), 8 * (160 + 4), 3)  # of training 8 faces, of test the 4 there are
    assert (sheet[24 + 160 + 4 + 24 :, 4 * (160 + 4) :] == 255).all()
