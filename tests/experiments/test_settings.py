import json

import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.hooks import SyncBuffersHook
from torch import nn

from mmsepbn.experiments import settings as module
from mmsepbn.experiments.settings import changes, deciding_settings, with_defaults, without_roots
from mmsepbn.registry import MODELS
from mmsepbn.run_settings.merge import merge_options

CNT = ROOT / 'configs' / 'cnt_sepbn_vanilla.py'
TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'


def settings(path=TINY, before=None, **options):
    with without_roots():
        config = Config.fromfile(path)
    merge_options(config, options)
    return deciding_settings(config, before)


@pytest.mark.parametrize(
    'options',
    [
        {'train_dataloader.num_workers': 7},
        {'train_dataloader.persistent_workers': True},
        {'train_cfg.val_interval': 1},
        {'default_hooks.logger.interval': 7},
        {'randomness.seed': 7},
        {'log_level': 'WARNING'},
        {'custom_hooks': None},
        {'model.backbone.norm_cfg.aggregation': 'soft'},  # the default, spelled out
        {'auto_scale_lr.base_batch_size': 8},  # not enabled
        {'default_hooks.keep_branch.new_branches': False},
        {'model.data_preprocessor.type': 'PoseDataPreprocessor'},  # which gives the same numbers
        {'model.data_preprocessor.type': 'mmsepbn.models.face_preprocessor.FacePreprocessor'},
        {'default_hooks.sync_buffers': dict(type=SyncBuffersHook)},  # as in a config of the new style
        {'train_dataloader.dataset.data_root': '/elsewhere/WFLW', 'val_dataloader.dataset.data_root': '/there/WFLW'},
    ],
)
def test_what_changes_no_result_is_left_out(options):
    plain = settings(**{key: value.replace('/elsewhere', '/first') for key, value in options.items() if 'root' in key})
    assert changes(plain, settings(**options)) == changes(settings(**options), plain) == []


@pytest.mark.parametrize(
    ('options', 'line'),
    [
        ({'train_cfg.max_epochs': 5}, 'train_cfg.max_epochs was 4, is 5'),
        ({'model.backbone.norm_cfg.num_routes': 2}, 'model.backbone.norm_cfg.num_routes was 3, is 2'),
        ({'model.backbone.norm_cfg.aggregation': 'hard'}, 'model.backbone.norm_cfg.aggregation was "soft", is "hard"'),
        ({'temperature.epochs': 2}, 'temperature.epochs was 8, is 2'),
        ({'default_hooks.ema': dict(type='EMAHook')}, 'default_hooks was not set, is {"ema": {"type": "EMAHook"}}'),
        ({'default_hooks.param_scheduler': None}, 'default_hooks was not set, is {"param_scheduler": null}'),
        (
            {'default_hooks.keep_branch.new_branches': ['wflw']},
            'default_hooks was not set, is {"keep_branch": {"type": "mmsepbn.KeepBranchHook", "new_b',
        ),
        (
            {'default_hooks.epoch_seed': dict(type='own.EpochSeedOfMine')},
            'default_hooks was not set, is {"epoch_seed": {"type": "own.EpochSeedOfMine"}}',
        ),
        ({'test_cfg.fp16': True}, 'test_cfg was not set, is {"fp16": true}'),
        ({'load_from': '/a/run/epoch_4.pth'}, 'load_from was null, is "run/epoch_4.pth"'),
        ({'temperature.end': 2.0}, 'temperature.end was 1.0, is 2.0'),
        ({'temperature': None}, 'temperature was {'),
        ({'load_from': 'stage_1.pth'}, 'load_from was null, is "stage_1.pth"'),
        ({'randomness.deterministic': True}, 'randomness.deterministic was not set, is true'),
        ({'compile': True}, 'compile was not set, is true'),
        ({'activation_checkpointing': ['backbone']}, 'activation_checkpointing was not set, is ["backbone"]'),
        ({'sync_bn': 'torch'}, 'sync_bn was not set, is "torch"'),
        ({'auto_scale_lr.enable': True}, 'auto_scale_lr was not set'),
        ({'train_dataloader.dataset.data_root': 'data/other'}, 'train_dataloader.dataset.data_root was "data/WFLW"'),
        ({'custom_hooks': [dict(type='EMAHook')]}, 'custom_hooks was [], is [{"type": "EMAHook"}]'),
        ({'param_scheduler.0.eta_min': 0.1}, 'param_scheduler.0.eta_min was 0.0001, is 0.1'),
    ],
)
def test_what_changes_a_result_is_named(options, line):
    found = changes(settings(), settings(**options))
    assert len(found) == 1
    assert found[0].startswith(line)
    assert len(changes(settings(**options), settings())) == 1


def test_neither_roots_nor_sets_that_are_not_in_use_count(monkeypatch):
    monkeypatch.setenv('CNT_SETS', 'wflw,cofw')
    plain = settings(CNT)
    assert {*plain['train_dataloader']['dataset']['datasets']} == {'cofw', 'wflw'}
    for name in ('FACES_ROOT', 'COFW_ROOT', 'AFLW_ROOT', 'WFLW_ROOT'):
        monkeypatch.setenv(name, '/somewhere/else')
    assert settings(CNT) == plain
    monkeypatch.setenv('CNT_SETS', 'wflw,aflw')
    assert any('datasets.cofw was {' in line for line in changes(plain, settings(CNT)))


def test_a_default_that_changes_is_seen_and_one_that_comes_or_goes_is_not(monkeypatch):
    def with_defaults(**defaults):
        of_layer = dict(aggregation='soft', init_std=None) | defaults
        monkeypatch.setattr(module, '_defaults', lambda kind: of_layer if kind == 'mmsepbn.SepBN' else {})
        return settings(), settings(**{'model.backbone.norm_cfg.init_std': 0.1})

    then, stated = with_defaults()
    place = 'model.backbone.norm_cfg'
    assert changes(then, with_defaults(aggregation='hard')[0]) == [f'{place}.aggregation was "soft", is "hard"']
    assert changes(then, stated) == [f'{place}.init_std was null, is 0.1']
    assert changes(stated, with_defaults(init_std=0.1)[0]) == []
    assert changes(then, with_defaults(brand_new=3)[0]) == changes(with_defaults(brand_new=3)[0], then) == []
    monkeypatch.setattr(module, '_defaults', lambda kind: {})
    assert changes(then, settings()) == []
    assert changes(stated, settings()) == [f'{place}.init_std was 0.1, is not set']
    assert changes(settings(), stated) == [f'{place}.init_std was not set, is 0.1']


def test_defaults_are_those_of_the_class_and_of_bases_that_get_the_rest():
    norm = module._defaults('mmsepbn.SepBN')
    assert {name: norm[name] for name in ('num_routes', 'aggregation', 'attention_channels')} == dict(
        num_routes=3, aggregation='soft', attention_channels=[8, 16]
    )
    assert 'num_features' not in norm
    faces = module._defaults('mmsepbn.Face300WDataset')
    assert (faces['boxes'], faces['allow_outside']) == ('official', False)  # the second is of FaceDataset
    assert module._defaults('ResNet') == module._defaults('no.such.Thing') == {}


def test_defaults_of_a_users_class_are_seen_too():
    def defaults(gain):
        class NormOfAUser(nn.BatchNorm2d):
            def __init__(self, num_features, gain=gain, act=lambda x: x, acts=(1, dict(f=[lambda x: x])), **kwargs):
                super().__init__(num_features, **kwargs)

        MODELS.register_module(module=NormOfAUser, force=True)
        module._defaults.cache_clear()
        return with_defaults(dict(type='mmsepbn.NormOfAUser'))

    assert changes(defaults(1.0), defaults(9.0), 'norm_cfg') == ['norm_cfg.gain was 1.0, is 9.0']
    assert defaults(1.0)['_defaults'] == dict(gain=1.0)  # neither torch's nor what has no text of its own


def test_settings_name_the_class_that_runs_and_an_heir_may_compute_otherwise():
    assert settings()['model']['data_preprocessor']['type'] == 'mmsepbn.FacePreprocessor'

    @MODELS.register_module(force=True)
    class OwnPreprocessor(MODELS.get('FacePreprocessor')):
        pass

    assert changes(settings(), settings(**{'model.data_preprocessor.type': 'mmsepbn.OwnPreprocessor'})) == [
        'model.data_preprocessor.type was "mmsepbn.FacePreprocessor", is "mmsepbn.OwnPreprocessor"'
    ]
    assert changes(dict(type='gone.A'), dict(type='gone.B')) == ['type was "gone.A", is "gone.B"']
    assert changes(dict(name='mmsepbn.FacePreprocessor'), dict(name='PoseDataPreprocessor'))  # no type


def test_defaults_of_a_class_that_is_named_by_its_path_are_seen():
    path = 'mmsepbn.models.norms.sepbn.SepBN'
    assert module._defaults(path) == module._defaults('mmsepbn.SepBN') != {}


def test_a_step_has_the_settings_of_the_one_before():
    first = settings()
    second = settings(before=first)
    assert second['before'] == first
    assert 'load_from' not in second
    changed = settings(before=settings(**{'train_cfg.max_epochs': 5}))
    assert changes(second, changed) == ['before.train_cfg.max_epochs was 4, is 5']


def test_settings_come_back_from_json(tmp_path):
    whole = settings(CNT)
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole


def test_roots_are_back_after_the_block(monkeypatch):
    monkeypatch.setenv('FACES_ROOT', '/faces')
    with without_roots():
        assert Config.fromfile(TINY).train_dataloader.dataset.data_root == 'data/WFLW'
    assert Config.fromfile(TINY).train_dataloader.dataset.data_root == '/faces/WFLW'
