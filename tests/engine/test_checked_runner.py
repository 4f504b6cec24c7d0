"""What the Runner does before a step: it refuses data, and starts from what is there without fetching more."""

import os
import shutil
from pathlib import Path

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from zoo_folder import add

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.engine.checked_runner import CheckedRunner
from mmsepbn.option_error import OptionError
from mmsepbn.zoo import index

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
    refused(config, OptionError, '^val_dataloader: drop_last=True drops 1 of 4 faces')
    config.val_dataloader.drop_last = False
    config.test_dataloader.update(batch_size=3, drop_last=True)
    refused(config, OptionError, '^test_dataloader: drop_last=True drops 1 of 4 faces', method='test')


def test_a_test_that_would_count_faces_several_times(config):
    def repeated(dataset):
        return dict(type='RepeatDataset', times=3, dataset=dataset)

    message = r'_dataloader: RepeatDataset\(times=\) must be 1, so that each face is tested once\. Got 3\.$'
    config.train_dataloader.dataset = repeated(config.train_dataloader.dataset)
    config.test_dataloader.dataset = dict(type='ConcatDataset', datasets=[repeated(config.test_dataloader.dataset)])
    refused(config, OptionError, f'^test{message}', method='test')
    config.val_dataloader.dataset = repeated(config.val_dataloader.dataset)
    refused(config, OptionError, f'^val{message}')
    refused(config, OptionError, f'^val{message}', method='val')


@pytest.mark.parametrize('part', ['train', 'val'])
def test_lists_of_sets(part, config):
    loader = config[f'{part}_dataloader']
    loader.dataset = [loader.dataset]
    refused(config, OptionError, f'^{part}_dataloader: must have one dataset')


def test_targets_that_the_head_does_not_decode(config):
    config.train_dataloader.dataset.pipeline[2].encoder = dict(type='RegressionLabel', input_size=(128, 128))
    message = r"^train_dataloader: GenerateTarget\(encoder=\) of WFLWDataset must be the codec of the head's decoder, "
    refused(config, OptionError, rf'{message}PixelLabel\. Got RegressionLabel, which makes other targets\.$')


def test_faces_that_validation_would_choke_on(config, tmp_path):
    place = spoil(tmp_path / 'faces', 'test')
    message = rf'^1 faces cannot be tested:\n  {place}: the normalizer must be positive\. Got 0\.0\.$'
    refused(config, AnnotationError, message)
    refused(config, AnnotationError, message, method='test')
    config.val_dataloader.dataset.test_mode = False
    config.val_dataloader.dataset = dict(type='RepeatDataset', times=1, dataset=config.val_dataloader.dataset)
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


FAR = dict(type='Pretrained', checkpoint='https://127.0.0.1:1/x.pth')


def trained(config, **changes):
    """The weights after a training of the config with changes."""
    config.merge_from_dict(changes)
    runner = CheckedRunner.from_cfg(config)
    runner.train()
    return runner.model.state_dict()


def test_weights_that_are_to_be_loaded_anyway_are_not_fetched(config, tmp_path, monkeypatch):
    config.val_dataloader = config.val_cfg = config.val_evaluator = None
    config.model.backbone.init_cfg = FAR
    refused(
        config, CheckpointError, r'Name a local file as model\.backbone\.init_cfg\.checkpoint, or set model\.backbone\.'
    )
    first = trained(config, **{'model.backbone.init_cfg': None})
    config.model.backbone.init_cfg = FAR
    add(tmp_path / 'run', 'one', checkpoint=tmp_path / 'run' / 'epoch_1.pth')
    monkeypatch.setattr(index, 'FOLDER', tmp_path / 'run')
    start = dict(load_from='one', work_dir=str(tmp_path / 'second'))
    second = trained(config, **start, **{'optim_wrapper.optimizer.lr': 0.0, 'param_scheduler': None})
    weights = [name for name in first if name.endswith(('conv.weight', 'conv.bias'))]
    assert len(weights) > 6
    assert all(torch.equal(first[name], second[name]) for name in weights)
    trained(config, load_from=None, resume=True, **{'train_cfg.max_epochs': 2})
    assert (tmp_path / 'second' / 'epoch_2.pth').exists()


@pytest.mark.parametrize('given', [None, ':16:8'])
@pytest.mark.parametrize('deterministic', [True, False])
def test_a_deterministic_training_has_what_cublas_reads(config, monkeypatch, deterministic, given):
    monkeypatch.setenv('CUBLAS_WORKSPACE_CONFIG', given or '')
    if given is None:
        monkeypatch.delenv('CUBLAS_WORKSPACE_CONFIG')
    config.randomness.deterministic = deterministic
    try:
        CheckedRunner.from_cfg(config)
        assert torch.are_deterministic_algorithms_enabled() == deterministic
    finally:
        torch.use_deterministic_algorithms(False)
        torch.backends.cudnn.deterministic = False
    assert os.environ.get('CUBLAS_WORKSPACE_CONFIG') == (given or (':4096:8' if deterministic else None))


@pytest.mark.parametrize('asked', [True, False])
def test_weights_are_channels_last_before_ddp_lays_out_their_gradients(config, monkeypatch, asked):
    config.custom_hooks = [dict(type='mmsepbn.ChannelsLastHook')] if asked else None
    seen = []
    wrap_model = CheckedRunner.wrap_model
    monkeypatch.setattr(
        CheckedRunner, 'wrap_model', lambda self, cfg, model: seen.append(model) or wrap_model(self, cfg, model)
    )
    CheckedRunner.from_cfg(config)
    weight = seen[0].backbone.blocks[1].conv.weight
    assert weight.is_contiguous(memory_format=torch.channels_last) == asked


@pytest.mark.parametrize('constructor', [{}, dict(constructor='DefaultOptimWrapperConstructor')])
def test_settings_of_parameters_that_no_model_has_are_named(config, caplog, constructor):
    """A constructor that is named may read them in its own way."""
    keys = {'backbonn': dict(lr_mult=0.1), 'bone.': dict(lr_mult=0.1), 'head': dict(lr_mult=2)}
    config.optim_wrapper.update(paramwise_cfg=dict(custom_keys=keys), **constructor)
    runner = CheckedRunner.from_cfg(config)
    runner.logger.addHandler(caplog.handler)
    runner.build_optim_wrapper(runner.optim_wrapper)
    expected = (
        'optim_wrapper.paramwise_cfg.custom_keys.backbonn changes nothing: no parameter of the model has it in its '
        "name. Did you mean 'backbone'?"
    )
    assert [line for line in caplog.messages if 'custom_keys' in line] == ([] if constructor else [expected])
