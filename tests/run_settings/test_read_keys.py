import inspect
from pathlib import Path

import mmpose
import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.hooks import CheckpointHook
from mmengine.optim import DefaultOptimWrapperConstructor
from mmengine.runner import Runner

from mmsepbn.option_error import OptionError
from mmsepbn.run_settings import read_keys
from mmsepbn.run_settings.merge import merge_options
from mmsepbn.run_settings.read_keys import unread_keys
from mmsepbn.run_settings.readers import accepted_names, quoted

MMPOSE = Path(mmpose.__file__).parent / '.mim' / 'configs'


def sepbn():
    return Config.fromfile(ROOT / 'configs' / 'sepbn_vanilla_wflw.py')


@pytest.mark.parametrize(
    ('key', 'meant'),
    [
        ('train_cfg.max_epoch', 'max_epochs'),
        ('val_cfg.fp16s', 'fp16'),
        ('model.backbone.norm_cfg.temprature', 'temperature'),
        ('model.bakbone.depth', 'backbone'),
        ('model.test_cfg.flip_tst', 'flip_test'),
        ('model.data_preprocessor.meen', 'mean'),
        ('model.head.branch.in_chanels', 'in_channels'),
        ('default_hooks.checkpoint.intervall', 'interval'),
        ('default_hooks.checkpoint.save_optimiser', 'save_optimizer'),
        ('default_hooks.chekpoint.interval', 'checkpoint'),
        ('temperature.epoch', 'epochs'),
        ('model.backbone.norm_cfg.init_spread', 'init_std'),  # as it was called
        ('train_dataloader.batchsize', 'batch_size'),
        ('train_dataloader.sampler.shufle', 'shuffle'),
        ('train_dataloader.dataset.indice', 'indices'),
        ('train_dataloader.dataset.pipeline.1.input_sise', 'input_size'),
        ('optim_wrapper.optimiser.lr', 'optimizer'),
        ('optim_wrapper.acumulative_counts', 'accumulative_counts'),
        ('optim_wrapper.optimizer.momentom', 'momentum'),
        ('optim_wrapper.paramwise_cfg.norm_decay', 'norm_decay_mult'),
        ('optim_wrapper.paramwise_cfg.custom_keys.backbone.lr_mul', 'lr_mult'),
        ('param_scheduler.0.start_facter', 'start_factor'),
        ('env_cfg.resource_limits', 'resource_limit'),
        ('env_cfg.mp_cfg.start_method', 'mp_start_method'),
        ('randomness.sed', 'seed'),
        ('auto_scale_lr.enabel', 'enable'),
        ('log_processor.windowsize', 'window_size'),
        ('visualizer.vis_backend', 'vis_backends'),
        ('val_evaluator.per_fase', 'per_face'),
    ],
)
def test_a_nested_key_that_nothing_reads_is_named_with_what_was_meant(key, meant):
    with pytest.raises(OptionError, match=rf"is never read: .*Did you mean '{meant}'\?") as caught:
        merge_options(sepbn(), {key: 1})
    assert key.startswith(str(caught.value).split()[0])


PASSED_ON = {
    'optim_wrapper.paramwise_cfg.norm_decay_mult': 0.0,
    'optim_wrapper.paramwise_cfg.custom_keys': {},
    'env_cfg.cudnn_benchmark': True,
    'auto_scale_lr.base_batch_size': 64,
    'auto_scale_lr.enable': True,
    'model.test_cfg.flip_test': True,
    'default_hooks.checkpoint.save_best': 'auto',
}


@pytest.fixture
def without_sources(monkeypatch):
    """As where packages are installed without them."""

    def missing(kind):
        raise OSError('could not get source code')

    known = (quoted, accepted_names)
    with monkeypatch.context() as patch:
        patch.setattr(inspect, 'getsource', missing)
        for each in known:
            each.cache_clear()
        yield
    for each in known:
        each.cache_clear()


def test_what_is_passed_on_whole_is_read():
    merge_options(sepbn(), PASSED_ON)


def test_it_is_read_where_there_are_no_sources_too(without_sources):
    merge_options(sepbn(), PASSED_ON | {'model.test_cfg.of_a_head': 1})
    with pytest.raises(OptionError, match="Did you mean 'norm_decay_mult'"):
        merge_options(sepbn(), {'optim_wrapper.paramwise_cfg.norm_decay': 0.0})


def test_the_keys_that_mmengine_reads_are_found_in_its_source():
    assert quoted(DefaultOptimWrapperConstructor) >= read_keys._OF_PARAMWISE
    assert quoted(Runner.setup_env) >= read_keys._OF_ENVIRONMENTS
    assert quoted(Runner.scale_lr) >= read_keys._OF_SCALING


def test_a_key_of_the_file_itself_is_named_too():
    config = sepbn()
    config.train_cfg.max_epoch = 3
    with pytest.raises(OptionError, match=r'train_cfg\.max_epoch is never read: EpochBasedTrainLoop has no'):
        merge_options(config, {})


def test_keys_of_a_loop_by_iterations_are_its_own():
    config = Config(dict(train_cfg=dict(by_epoch=False, max_iters=3)))
    assert unread_keys(config) == []
    config.train_cfg.max_epochs = 3
    assert len(unread_keys(config)) == 1


def test_types_that_are_classes_are_read_alike():
    config = Config(dict(default_hooks=dict(checkpoint=dict(type=CheckpointHook, interval=1, out=2))))
    assert len(unread_keys(config)) == 1


@pytest.mark.parametrize('folder', ['face_2d_keypoint', 'hand_2d_keypoint', 'body_3d_keypoint'])
def test_configs_of_mmpose_are_taken_as_they_are(folder):
    paths = sorted((MMPOSE / folder).rglob('*.py'))
    assert paths
    assert [line for path in paths for line in unread_keys(Config.fromfile(path))] == []
