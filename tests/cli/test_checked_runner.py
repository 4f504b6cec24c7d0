"""Data that would train nothing, or end the first validation, is refused before a step is taken."""

import shutil
from pathlib import Path

import pytest
from helpers import ROOT
from mmengine.config import Config

from mmsepbn.cli.checked_runner import CheckedRunner
from mmsepbn.cli.option_error import OptionError
from mmsepbn.datasets.annotation import AnnotationError

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'
LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_{}.txt'


@pytest.fixture
def config(synthetic_faces, tmp_path, monkeypatch):
    """A training of seconds, whose data a test may spoil."""
    root = shutil.copytree(synthetic_faces / 'WFLW', tmp_path / 'faces' / 'WFLW')
    monkeypatch.setenv('FACES_ROOT', str(root.parent))
    config = Config.fromfile(TINY)
    config.merge_from_dict(dict(work_dir=str(tmp_path / 'run'), train_cfg=dict(max_epochs=1, val_interval=1)))
    config.experiment_name = tmp_path.name
    return config


def spoil(root, split, line=1):
    """Put one outer eye corner of a face onto the other."""
    file = root / 'WFLW' / LIST.format(split)
    lines = file.read_text().splitlines()
    fields = lines[line].split()
    fields[2 * 72 : 2 * 72 + 2] = fields[2 * 60 : 2 * 60 + 2]
    lines[line] = ' '.join(fields)
    file.write_text('\n'.join(lines))
    return f'{file}:{line + 1}'


def refused(config, error, message, method='train'):
    with pytest.raises(error, match=message):
        getattr(CheckedRunner.from_cfg(config), method)()
    assert not list(Path(config.work_dir).glob('*.pth'))


def test_a_batch_larger_than_the_set(config):
    config.train_dataloader.update(batch_size=9, drop_last=True)
    refused(config, OptionError, r'^train_dataloader: batch_size=9 with drop_last=True leaves no batch of 8 faces\.$')
    config.train_dataloader.batch_size = 8
    runner = CheckedRunner.from_cfg(config)
    assert len(runner.build_train_loop(runner._train_loop).dataloader) == 1


def test_a_validation_and_a_test_of_a_part(config):
    config.val_dataloader.update(batch_size=3, drop_last=True)
    refused(config, OptionError, '^val_dataloader: drop_last=True leaves out 1 of 4 faces')
    config.val_dataloader.drop_last = False
    config.test_dataloader.update(batch_size=3, drop_last=True)
    refused(config, OptionError, '^test_dataloader: drop_last=True leaves out 1 of 4 faces', method='test')


@pytest.mark.parametrize('part', ['train', 'val'])
def test_lists_of_sets(part, config):
    loader = config[f'{part}_dataloader']
    loader.dataset = [loader.dataset]
    refused(config, OptionError, f'^{part}_dataloader: must have one dataset')


def test_faces_that_validation_would_choke_on(config, tmp_path):
    place = spoil(tmp_path / 'faces', 'test')
    message = rf'^1 faces cannot be tested:\n  {place}: the normalizer must be positive\. Got 0\.0\.$'
    refused(config, AnnotationError, message)
    refused(config, AnnotationError, message, method='test')
    config.val_dataloader.dataset.test_mode = False
    config.val_dataloader.dataset = dict(type='RepeatDataset', times=2, dataset=config.val_dataloader.dataset)
    refused(config, AnnotationError, message)


def test_faces_that_only_train_need_no_normalizer(config, tmp_path):
    spoil(tmp_path / 'faces', 'train')
    runner = CheckedRunner.from_cfg(config)
    assert runner.build_train_loop(runner._train_loop)


def test_another_metric_has_other_needs(config, tmp_path):
    spoil(tmp_path / 'faces', 'test')
    config.val_evaluator = dict(type='EPE')
    runner = CheckedRunner.from_cfg(config)
    assert runner.build_val_loop(runner._val_loop)
