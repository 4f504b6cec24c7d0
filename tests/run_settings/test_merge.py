import inspect
import re

import pytest
from helpers import ROOT
from mmengine.config import Config
from mmengine.runner import Runner

from mmsepbn.option_error import OptionError
from mmsepbn.run_settings.merge import merge_options


def sepbn():
    return Config.fromfile(ROOT / 'configs' / 'sepbn_vanilla_wflw.py')


def test_a_misspelled_option_is_refused_by_name():
    config = Config(dict(train_cfg=dict(max_epochs=5)))
    with pytest.raises(OptionError, match=r"trian_cfg\.max_epochs changes nothing.*Did you mean 'train_cfg'\?"):
        merge_options(config, {'trian_cfg.max_epochs': 1})
    assert config.train_cfg.max_epochs == 5


def test_imports_belong_into_the_file():
    with pytest.raises(
        OptionError, match=r'custom_imports\.imports changes nothing: .* in that file; for a table, in its'
    ):
        merge_options(sepbn(), {'custom_imports.imports': ['my_parts']})


def test_of_many_keys_that_nothing_reads_the_others_are_counted():
    config = Config(dict(train_cfg={f'max_epoch{place}': 5 for place in range(12)}))
    with pytest.raises(OptionError, match=r'train_cfg\.max_epoch9 is never read: .* and 2 more$') as error:
        merge_options(config, {})
    assert str(error.value).count('is never read') == 10


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
        ({'custom_hooks.0.momentum': 0.1}, r'custom_hooks is an empty list\. Set it in a config file'),
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
