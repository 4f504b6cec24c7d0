import argparse
import inspect
import re

import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner

from mmsepbn.cli.options import add_cfg_options, config_of, merge_options
from mmsepbn.option_error import OptionError


def sepbn():
    return Config.fromfile(ROOT / 'configs' / 'sepbn_vanilla_wflw.py')


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    add_cfg_options(parser)
    return parser.parse_args(['--cfg-options', *arguments]).cfg_options


def test_the_config_of_a_file_has_the_options_and_its_scope_is_the_current_one(tmp_path):
    (tmp_path / 'own.py').write_text("default_scope = 'mmpose'\ntrain_cfg = dict(max_epochs=5)")
    with DefaultScope.overwrite_default_scope('mmdet'):  # which puts the scope of other tests back
        assert config_of(tmp_path / 'own.py', {'train_cfg.max_epochs': 1}).train_cfg == dict(max_epochs=1)
        assert DefaultScope.get_current_instance().scope_name == 'mmpose'


def test_no_option_is_an_empty_dict():
    parser = argparse.ArgumentParser()
    add_cfg_options(parser)
    assert parser.parse_args([]).cfg_options == {}


def test_a_misspelled_option_is_refused_by_name():
    config = Config(dict(train_cfg=dict(max_epochs=5)))
    with pytest.raises(OptionError, match=r"trian_cfg\.max_epochs changes nothing.*Did you mean 'train_cfg'\?"):
        merge_options(config, {'trian_cfg.max_epochs': 1})
    assert config.train_cfg.max_epochs == 5


def test_keys_of_the_config_and_of_the_runner_are_merged():
    config = Config(dict(train_cfg=dict(max_epochs=5)))
    merge_options(config, {'train_cfg.max_epochs': 1, 'randomness.seed': 3, 'sync_bn': 'torch'})
    assert config.to_dict() == dict(train_cfg=dict(max_epochs=1), randomness=dict(seed=3), sync_bn='torch')


def test_every_key_that_the_runner_reads_may_be_set():
    read = set(re.findall(r"cfg\.get\(\s*'(\w+)'", inspect.getsource(Runner)))
    # Of parts of the config, not of the whole.
    read -= {'type', 'mp_cfg', 'dist_cfg', 'resource_limit', 'seed', 'num_workers'}
    for key in read:
        merge_options(Config(), {key: None})


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ({'param_scheduler.7.begin': 1}, r'param_scheduler\.7\.begin cannot be set: .* must be one of 0 to 1\. Got 7'),
        ({'param_scheduler.-1.begin': 1}, r'must be one of 0 to 1\. Got -1'),
        ({'param_scheduler.first.begin': 1}, r'must be one of 0 to 1\. Got first'),
        ({'param_scheduler.0': 3}, r'entries of lists are dicts\. Set param_scheduler itself'),
        ({'load_from.path': 'a'}, r'load_from is None, without keys\. Set load_from itself'),
        ({'train_cfg.max_epochs.a': 1}, r'train_cfg\.max_epochs is 500, without keys'),
        ({'train_cfg': 3}, r'train_cfg must be a dict, as it is in the config, or None\. Got 3'),
        ({'train_cfg.max_epochs': 'ten'}, r"max_epochs must be a number, as 500 in the config\. Got 'ten'"),
        ({'param_scheduler.0.end': 'last'}, r"must be a number, as 120 in the config\. Got 'last'"),
        ({'model.head.protocols.0': 'cofw'}, r'Set model\.head\.protocols itself'),
        ({'model.neck': None, 'model.neck.type': 'A'}, r'model\.neck, model\.neck\.type cannot be merged'),
    ],
)
def test_a_way_through_what_holds_no_keys_is_refused(option, message):
    with pytest.raises(OptionError, match=message):
        merge_options(sepbn(), option)


def test_what_is_deleted_first_may_have_held_anything():
    config = sepbn()
    config.model.neck = 3
    merge_options(config, {'model.neck._delete_': True, 'model.neck.type': 'GlobalAveragePooling'})
    assert config.model.neck == dict(type='GlobalAveragePooling')


def test_values_are_read_as_mmengine_does():
    options = parsed('a.b=1', 'c=1e-3', 'd=True', 'e=None', 'f=x,y', 'g=[(1,2),3]', 'h="text"', 'i==')
    assert options == {
        'a.b': 1,
        'c': 1e-3,
        'd': True,
        'e': None,
        'f': ['x', 'y'],
        'g': [(1, 2), 3],
        'h': 'text',
        'i': '=',
    }


def test_a_text_keeps_its_spaces():
    assert parsed('root=/my faces/WFLW') == dict(root='/my faces/WFLW')


@pytest.mark.parametrize('argument', ['epochs', '=3', 'a..b=3', 'a=[1,(2]'])
def test_what_is_no_option_ends_in_the_usage(argument, capsys):
    with pytest.raises(SystemExit):
        parsed(argument)
    assert repr(argument) in capsys.readouterr().err


def test_loaders_without_workers_lose_what_only_workers_use():
    config = sepbn()
    config.val_dataloader.update(prefetch_factor=4, timeout=3, multiprocessing_context='spawn')
    merge_options(config, {f'{part}_dataloader.num_workers': 0 for part in ('train', 'val')})
    for loader in (config.train_dataloader, config.val_dataloader):
        assert {*loader} == {'batch_size', 'num_workers', 'sampler', 'dataset'}
    assert config.test_dataloader.persistent_workers


def test_settings_that_pytorch_takes_without_workers_stay():
    config = sepbn()
    config.train_dataloader.update(num_workers=0, persistent_workers=False, prefetch_factor=None)
    merge_options(config, {})
    assert {'persistent_workers', 'prefetch_factor'} <= {*config.train_dataloader}
