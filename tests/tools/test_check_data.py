"""The tool that looks at data before training: what it prints, and its exit status."""

import faulthandler
import json
import os
import runpy
import shutil
import signal
from contextlib import nullcontext

import cv2
import numpy as np
import pytest
from helpers import ROOT
from mmengine.registry import DefaultScope
from PIL import Image

from mmsepbn.datasets.checks.images import ImageFindings

LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'
WIDER_FACE = dict(type='mmsepbn.WiderFaceDataset', ann_file='train/label.txt', data_prefix=dict(img='train/images'))


@pytest.fixture
def check_data(monkeypatch, capfd):
    """Run the tool in this process; returns what it printed."""
    monkeypatch.setattr(DefaultScope, '_instance_dict', DefaultScope._instance_dict.copy())

    def run(*args, fails=False):
        monkeypatch.setattr('sys.argv', ['check_data.py', *map(str, args)])
        with pytest.raises(SystemExit) if fails else nullcontext() as end:
            runpy.run_path(str(ROOT / 'tools' / 'check_data.py'), run_name='__main__')
        printed = capfd.readouterr()
        assert 'Traceback' not in printed.out + printed.err
        return printed.out + (str(end.value) if fails else '')

    return run


@pytest.fixture
def wflw(synthetic_wflw):
    return dict(
        type='mmsepbn.WFLWDataset', data_root=str(synthetic_wflw), ann_file=LIST, data_prefix=dict(img='WFLW_images')
    )


@pytest.fixture
def write_config(tmp_path):
    """Write a config that trains on one set; returns its file."""

    def write(dataset, loader='', more=''):
        file = tmp_path / 'config.py'
        file.write_text(
            "default_scope = 'mmpose'\ncustom_imports = dict(imports=['mmsepbn.registry'])\n"
            "sampler = dict(type='DefaultSampler', shuffle=True)\n"
            f'train_dataloader = dict(dataset={dataset!r}, batch_size=2, sampler=sampler, {loader})\n{more}'
        )
        return file

    return write


@pytest.mark.slow
def test_it_runs_from_the_command_line_and_fails_for_a_set_that_cannot_be_read(run_tool):
    output = run_tool('tools/check_data.py', ROOT / 'configs' / 'cnt_sepbn_vanilla.py', expect=1, CNT_SETS='cofw,aflw')
    assert 'cofw, test: faces 4 (the official count is 507); official boxes' in output
    assert 'AFLWDataset(num_train=) is 20000' in output
    assert 'Traceback' not in output


def test_counts_that_differ_are_no_failure(synthetic_faces, monkeypatch, check_data):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    first, second = check_data(ROOT / 'configs' / 'sepbn_vanilla_cofw.py').splitlines()[-2:]
    file = synthetic_faces / 'COFW' / 'COFW_train_color.mat'
    assert first == f'COFWDataset, training: faces 8 (the official count is 1345); official boxes [{file}]'
    assert second.startswith('COFWDataset, test: faces 4')


def test_large_faces_are_counted_also_where_all_are_small(synthetic_faces, check_data, write_config):
    config = write_config(WIDER_FACE | dict(data_root=str(synthetic_faces / 'WIDER_FACE'), min_size=900))
    error, counts, status = check_data(config, fails=True).splitlines()[-3:]
    assert 'ERROR' in error
    assert 'no faces found' in error
    assert counts.endswith('> 900: 0, 0 with landmarks; >= 900: 0, 0 with landmarks')
    assert status == '1'


def test_images_that_cannot_be_used_are_named(synthetic_faces, tmp_path, check_data, write_config):
    root = shutil.copytree(synthetic_faces / 'WIDER_FACE', tmp_path / 'faces')
    config = write_config(WIDER_FACE | dict(data_root=str(root), min_size=1))
    broken = next((root / 'train/images').rglob('*.jpg'))
    broken.write_bytes(b'')
    assert 'ERROR' not in check_data(config)
    found = check_data(config, '--pictures', fails=True)
    assert '  ERROR images that cannot be used: 1\n' in found
    assert str(broken) in found


def test_a_sheet_has_a_row_for_each_set(synthetic_faces, monkeypatch, tmp_path, check_data):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    check_data(ROOT / 'configs' / 'sepbn_vanilla_cofw.py', '--sheet', tmp_path / 'new' / 'sheet.png')
    sheet = cv2.imread(str(tmp_path / 'new' / 'sheet.png'))
    assert sheet.shape == (2 * (24 + 160 + 4), 8 * (160 + 4), 3)  # of training 8 faces, of test the 4 there are
    assert (sheet[24 + 160 + 4 + 24 :, 4 * (160 + 4) :] == 255).all()


def test_faces_that_cannot_be_drawn_are_said(check_data, write_config, wflw, tmp_path):
    config = write_config(wflw | dict(pipeline=[dict(type='mmsepbn.LoadFaceImage')]))
    found = check_data(config, '--sheet', tmp_path / 'sheet.png', fails=True)
    assert '  ERROR faces that cannot be drawn: The pipeline has no crop' in found


def repeated(dataset):
    return dict(type='RepeatDataset', times=3, dataset=dataset)


WRAPPERS = dict(
    repeat=(repeated, 24),
    concat=(lambda one: dict(type='ConcatDataset', datasets=[one, one]), 16),
    nested=(lambda one: repeated(dict(type='ConcatDataset', datasets=[repeated(one), one])), 96),
    combined=(
        lambda one: dict(
            type='CombinedDataset', metainfo=dict(from_file='configs/_base_/datasets/300w.py'), datasets=[one, one]
        ),
        16,
    ),
    protocols=(lambda one: repeated(dict(type='mmsepbn.MultiProtocolDataset', datasets=dict(a=one, b=one))), 48),
    indices=(lambda one: repeated(one | dict(indices=[0, 2])), 6),
    loader_of_a_part=(lambda one: one, 8),
)


@pytest.mark.slow
@pytest.mark.parametrize('name', WRAPPERS)
def test_wrapped_sets_are_read_and_counted_as_training_will(name, wflw, check_data, write_config, monkeypatch):
    monkeypatch.chdir(ROOT / 'docs')  # MMPose's own metainfo files are looked for in the current folder first
    wrapper, count = WRAPPERS[name]
    dataset = wrapper(wflw)
    label = 'a, training' if name == 'protocols' else 'WFLWDataset, training'
    faces = 2 if name == 'indices' else 8
    sound = check_data(write_config(dataset))
    official = '' if name == 'indices' else ' (the official count is 7500)'
    assert f'{label}: faces {faces}{official}, ' in sound
    assert 'ERROR' not in sound
    config = write_config(dataset, f'drop_last=True, **dict(batch_size={count + 1})'.replace('batch_size=2, ', ''))
    config.write_text(config.read_text().replace('batch_size=2, ', ''))
    found = check_data(config, fails=True)
    assert f'train_dataloader: ERROR batch_size={count + 1} with drop_last=True leaves no batch of {count} f' in found


def test_a_class_that_balances_needs_categories(wflw, check_data, write_config):
    found = check_data(write_config(dict(type='ClassBalancedDataset', oversample_thr=0.5, dataset=wflw)), fails=True)
    assert 'train_dataloader: ERROR NotImplementedError' in found
    assert 'get_cat_ids' in found


def test_a_config_of_the_new_style(synthetic_wflw, tmp_path, check_data):
    config = tmp_path / 'new.py'
    config.write_text(f"""
from mmengine.dataset import DefaultSampler, RepeatDataset
from mmsepbn.datasets import FaceCrop, LoadFaceImage, WFLWDataset, WiderFaceDataset

faces = dict(
    type=WFLWDataset,
    data_root='{synthetic_wflw}',
    ann_file='{LIST}',
    data_prefix=dict(img='WFLW_images'),
    pipeline=[dict(type=LoadFaceImage), dict(type=FaceCrop)],
)
labels = dict(
    type=WiderFaceDataset,
    data_root='{synthetic_wflw.parent}/WIDER_FACE',
    ann_file='train/label.txt',
    data_prefix=dict(img='train/images'),
    min_size=1,
)
sampler = dict(type=DefaultSampler, shuffle=False)
train_dataloader = dict(batch_size=2, sampler=sampler, dataset=dict(type=RepeatDataset, times=2, dataset=faces))
val_dataloader = dict(batch_size=2, sampler=sampler, dataset=labels)
""")
    found = check_data(config, '--images', '--sheet', tmp_path / 'sheet.png', fails=True)
    assert 'WFLWDataset, training: faces 8' in found
    assert 'WiderFaceDataset, test: faces' in found
    assert '>= 1: 8, 8 with landmarks' in found
    assert found.count('ERROR') == 1  # WiderFaceDataset has no pipeline
    assert (tmp_path / 'sheet.png').is_file()


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(data_mode='topdown'), 'ERROR WFLWDataset(data_mode=) is no argument. ['),
        (dict(data_prefix=dict(img_path='x')), 'ERROR WFLWDataset(data_prefix=) must be dict(img=FOLDER)'),
        (dict(type='mmsepbn.WFLWDatasett'), 'ERROR KeyError: '),
        (dict(type=3), 'ERROR TypeError: type must be a str or valid type'),
        (dict(ann_file=3), 'ERROR WFLWDataset(ann_file=) must be the path of a file'),
        (dict(pipeline=[dict(type='Unknown')]), 'ERROR KeyError: '),
        (dict(pipeline=[dict(type='mmsepbn.FaceCrop', paddin=2)]), "argument 'paddin'"),
        (dict(indices=[9]), 'ERROR WFLWDataset(indices=) must be places of the 8 faces. Got [9].'),
    ],
)
def test_mistakes_in_the_settings_of_a_set_take_a_line(settings, message, wflw, check_data, write_config):
    found = check_data(write_config(wflw | settings), fails=True)
    assert message in found
    assert len(found.splitlines()) == 2
    assert found.endswith('\n1')


@pytest.mark.slow
@pytest.mark.parametrize(
    ('dataset', 'loader', 'message'),
    [
        ('[W, W]', '', 'train_dataloader: ERROR must have one dataset, a dict; ConcatDataset and'),
        ('None', '', 'ERROR a data set must be a dict. Got None.'),
        ("'wflw'", '', "ERROR a data set must be a dict. Got 'wflw'."),
        ('dict()', '', 'ERROR a data set must have a type. It has [].'),
        ("dict(type='RepeatDataset', dataset=W)", '', "missing 1 required positional argument: 'times'"),
        (
            "dict(type='mmsepbn.MultiProtocolDataset', use=['a'], datasets=dict(w=W))",
            '',
            "ERROR MultiProtocolDataset(use=) knows ['w']. Got ['a'].",
        ),
        (
            "dict(type='mmsepbn.MultiProtocolDataset', datasets=[W])",
            '',
            'ERROR MultiProtocolDataset(datasets=) must be a dict of sets by name.',
        ),
        (
            "dict(type='mmsepbn.MultiProtocolDataset', datasets=dict(w=dict(type='RepeatDataset', dataset=W)))",
            '',
            "ERROR MultiProtocolDataset(datasets=) must hold sets, no wrappers. Got {'dataset'} in 'w'.",
        ),
        ('W', 'shufle=True', "argument 'shufle'"),
        ('W', 'sampler=dict(type="Unknown")', 'train_dataloader: ERROR KeyError'),
        ('W', 'sampler=dict(type="DefaultSampler", shuffel=True)', "argument 'shuffel'"),
        ('W', 'batch_size=0', 'train_dataloader: ERROR batch_size must be a'),
    ],
)
def test_mistakes_in_loaders_take_a_line(dataset, loader, message, wflw, check_data, tmp_path):
    config = tmp_path / 'config.py'
    config.write_text(
        f'W = {wflw!r}\nloader = dict(dataset={dataset}, sampler=dict(type="DefaultSampler", shuffle=True))\n'
        f'loader.update(dict({loader}))\ntrain_dataloader = loader\n'
    )
    assert message in check_data(config, fails=True)


def test_loaders_that_are_lists_or_missing(wflw, check_data, write_config):
    listed = f'val_dataloader = [dict(dataset={wflw!r}, sampler=sampler)]\ntest_dataloader = None\n'
    assert 'ERROR' not in check_data(write_config(wflw, more=listed + 'test_evaluator = [dict(type="X")]'))
    assert 'val_dataloader: ERROR must be one loader, a dict' in check_data(
        write_config(wflw, more='val_dataloader = 3'), fails=True
    )


def test_a_test_that_would_leave_out_faces(wflw, check_data, write_config):
    more = f'val_dataloader = dict(dataset={wflw!r}, sampler=sampler, batch_size=3, drop_last=True)'
    found = check_data(write_config(wflw, more=more), fails=True)
    assert 'val_dataloader: ERROR drop_last=True drops 2 of 8 faces' in found


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('a = (', r'config.py:1: this is not a config'),
        ('a = 1', 'ERROR the config has no train_dataloader, val_dataloader or test_dataloader.'),
        ("base = 'x'\nrows = {}", 'is a table of runs'),
        (None, 'There is no config file'),
    ],
)
def test_what_is_no_config_of_a_training(text, message, tmp_path, check_data):
    if text is not None:
        (tmp_path / 'config.py').write_text(text)
    assert message in check_data(tmp_path / 'config.py', fails=True)


def test_faces_that_cannot_be_tested_are_named_for_test_sets_alone(wflw, tmp_path, check_data, write_config):
    root = shutil.copytree(wflw['data_root'], tmp_path / 'faces')
    lines = (root / LIST).read_text().splitlines()
    fields = lines[2].split()
    fields[2 * 72 : 2 * 72 + 2] = fields[2 * 60 : 2 * 60 + 2]  # one eye corner on the other
    (root / LIST).write_text('\n'.join([*lines[:2], ' '.join(fields), *lines[3:]]))
    faces = wflw | dict(data_root=str(root))
    assert 'ERROR' not in check_data(write_config(faces))
    more = f'test_dataloader = dict(dataset={faces!r}, sampler=sampler)'
    found = check_data(write_config(faces, more=more), fails=True)
    expected = f'  ERROR faces that cannot be tested: 1\n  {root / LIST}:3: the normalizer must be positive. Got 0.0.\n'
    assert expected in found


CRASHING = """
import ctypes
import faulthandler
import time

import mmsepbn.datasets.formats.image_file as image_file
from mmsepbn.datasets import COFWDataset, WFLWDataset
from mmsepbn.registry import DATASETS


@DATASETS.register_module(force=True)
class CrashingDataset(COFWDataset):
    def read_official(self, path):
        faulthandler.disable()  # pytest's would print a trace
        ctypes.string_at(0)


@DATASETS.register_module(force=True)
class HangingDataset(COFWDataset):
    def read_official(self, path):
        time.sleep(600)


@DATASETS.register_module(force=True)
class LeavingDataset(COFWDataset):
    def read_official(self, path):
        raise SystemExit(7)
"""


@pytest.fixture
def crashing(tmp_path, monkeypatch):
    (tmp_path / 'crashing_sets.py').write_text(CRASHING)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ('name', 'end'),
    [
        ('Crashing', f'the reader crashed (signal {int(signal.SIGSEGV)})'),
        ('Leaving', 'the reader crashed (exit status 7)'),
        ('Hanging', 'no answer within 2 seconds'),
    ],
)
def test_a_reader_that_crashes_is_survived_and_its_file_named(
    name, end, crashing, wflw, synthetic_faces, check_data, write_config
):
    file = synthetic_faces / 'COFW' / 'COFW_train_color.mat'
    sets = dict(bad=dict(type=f'mmsepbn.{name}Dataset', ann_file=str(file)), good=wflw)
    config = write_config(dict(type='mmsepbn.MultiProtocolDataset', datasets=sets))
    config.write_text(config.read_text() + "custom_imports = dict(imports=['mmsepbn.registry', 'crashing_sets'])\n")
    found = check_data(config, '--timeout', 2, fails=True)
    assert f'bad, training: ERROR {end} [{file}]' in found
    assert 'good, training: faces 8' in found


def test_a_decoder_that_crashes_is_survived_and_its_image_named(wflw, tmp_path, check_data, write_config, monkeypatch):
    root = shutil.copytree(wflw['data_root'], tmp_path / 'faces')
    images = [root / 'WFLW_images' / line.split()[-1] for line in (root / LIST).read_text().splitlines()]
    images[1].write_bytes(b'')
    images[2].write_bytes(images[2].read_bytes() + b'CRASH')
    decode = cv2.imdecode

    def decode_or_crash(data, *args):
        if bytes(data).endswith(b'CRASH'):
            faulthandler.disable()  # pytest's would print a trace
            os.kill(os.getpid(), signal.SIGSEGV)
        return decode(data, *args)

    monkeypatch.setattr(cv2, 'imdecode', decode_or_crash)
    found = check_data(write_config(wflw | dict(data_root=str(root))), '--pictures', fails=True)
    assert 'images that cannot be used: 2\n' in found
    assert f'The image {images[2]} cannot be read: the decoder crashed (signal 11).' in found
    assert str(images[1]) in found


def test_a_crash_that_no_image_repeats_is_said(wflw, check_data, write_config, monkeypatch):
    def crash_with_many(dataset):
        if len(dataset) > 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return ImageFindings([], [])

    monkeypatch.setattr('mmsepbn.cli.data_check.image_findings', crash_with_many)
    found = check_data(write_config(wflw), '--pictures', fails=True)
    assert 'The decoder crashed (signal 9), but not on any single image.' in found


def test_options_change_the_config_that_is_checked(wflw, check_data, write_config):
    options = ('--cfg-options', 'train_dataloader.dataset.indices=3')
    assert 'WFLWDataset, training: faces 3, ' in check_data(write_config(wflw), *options)


@pytest.mark.slow
def test_times_of_loading_and_of_a_step_are_said(synthetic_faces, monkeypatch, check_data):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    found = check_data(ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py', '--time')
    assert 'WFLWDataset, training: ' in found
    assert ' ms a face on one core: annotation ' in found
    *_, last = found.splitlines()
    assert last.startswith('training: ')
    assert ' faces/s on c' in last


def test_notes_are_no_errors(check_data, write_config, wflw, synthetic_wflw, tmp_path):
    """A box that is not around its landmarks, and a test on the training faces."""
    lines = (synthetic_wflw / LIST).read_text().splitlines()
    words = lines[2].split()
    words[196:200] = ['0', '0', '1', '1']  # in a corner; the 98 landmarks come before, an image's name last
    lines[2] = ' '.join(words)
    (tmp_path / 'list.txt').write_text('\n'.join(lines))
    dataset = wflw | dict(ann_file=str(tmp_path / 'list.txt'), data_root='', allow_outside=True)
    dataset['data_prefix'] = dict(img=str(synthetic_wflw / 'WFLW_images'))
    output = check_data(write_config(dataset, more='val_dataloader = train_dataloader\n'))
    said = f'NOTE boxes or landmarks that may be wrong: 1\n  {tmp_path}/list.txt:3: 98 of 98 landmarks lie outside'
    assert said in output
    assert 'NOTE WFLWDataset: 8 of the 8 test faces are training faces.' in output


@pytest.mark.parametrize('settings', [dict(split='train'), dict(split='test'), dict(split='test', indices=3)])
def test_test_faces_of_a_training_set_are_noted_whatever_split_is_named(
    settings, check_data, write_config, synthetic_faces
):
    """A pattern of .pts files selects, ``split`` does not."""
    own = dict(type='mmsepbn.Face300WDataset', data_root=str(synthetic_faces / '300W'), ann_file='**/*.pts')
    tests = f'val_dataloader = dict(train_dataloader, dataset={own | settings!r})\n'
    notes = [line for line in check_data(write_config(own, more=tests)).splitlines() if 'training faces' in line]
    count = len(list((synthetic_faces / '300W').rglob('*.pts')))
    assert count > 3
    found = settings.get('indices', count)
    assert notes == [f'NOTE Face300WDataset: {found} of the {found} test faces are training faces.']


@pytest.fixture
def own_json(tmp_path):
    """Write faces of one image, each with its change; returns the settings of the set."""
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / 'a.jpg')

    def write(*changes):
        face = dict(image_id=1, category_id=1, iscrowd=0, keypoints=[9, 9, 1, 29, 9, 1, 19, 19, 1, 9, 29, 1, 29, 29, 1])
        entries = [dict(id=index, bbox=[5, 5, 30, 30]) | face | change for index, change in enumerate(changes)]
        content = dict(images=[dict(id=1, file_name='a.jpg')], annotations=entries)
        (tmp_path / 'faces.json').write_text(json.dumps(content))
        return dict(type='mmsepbn.WiderFaceDataset', data_root=str(tmp_path), ann_file='faces.json')

    return write


OTHER = dict(keypoints=[10, 9, 1, 29, 9, 1, 19, 19, 1, 9, 29, 1, 29, 29, 1])


def test_faces_that_appear_again_are_noted(own_json, check_data, write_config):
    found = check_data(write_config(own_json({}, OTHER, {}, {})))
    assert 'NOTE WiderFaceDataset, training: 2 of the 4 faces appear again.' in found.splitlines()
    assert 'NOTE' not in check_data(write_config(own_json({}, OTHER)))


def test_annotations_of_several_categories_or_crowds_are_noted(own_json, check_data, write_config, tmp_path):
    file = tmp_path / 'faces.json'
    found = check_data(write_config(own_json({}, OTHER | dict(category_id=7, iscrowd=1))))
    assert (
        f'  NOTE {file}: all annotations are read as faces, also those of category_id 1: 1; category_id 7: 1; '
        'iscrowd: 1.'
    ) in found.splitlines()


def test_images_that_viewers_rotate_are_noted(own_json, check_data, write_config, tmp_path):
    config = write_config(own_json({}))
    exif = Image.Exif()
    exif[0x112] = 6
    Image.fromarray(np.zeros((64, 64, 3), np.uint8)).save(tmp_path / 'a.jpg', exif=exif)
    found = check_data(config, '--images')
    assert f'  NOTE images that viewers rotate: 1\n  The image {tmp_path}/a.jpg has the EXIF orientation 6' in found
    assert 'ERROR' not in found
