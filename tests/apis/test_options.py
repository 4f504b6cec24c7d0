import inspect
import re

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmsepbn.apis.options import OptionError, merge_options


def test_a_misspelled_option_is_refused_by_name():
    config = Config(dict(train_cfg=dict(max_epochs=5)))
    with pytest.raises(OptionError, match=r"trian_cfg\.max_epochs changes nothing.*Did you mean 'train_cfg'\?"):
        merge_options(config, {'trian_cfg.max_epochs': 1})
    assert config.train_cfg.max_epochs == 5


def test_keys_of_the_config_and_of_the_runner_are_merged():
    config = Config(dict(root='a', train_cfg=dict(max_epochs=5)))
    merge_options(config, {'root': 'b', 'train_cfg.max_epochs': 1, 'randomness.seed': 3, 'sync_bn': 'torch'})
    assert config.to_dict() == dict(root='b', train_cfg=dict(max_epochs=1), randomness=dict(seed=3), sync_bn='torch')


def test_every_key_that_the_runner_reads_may_be_set():
    read = set(re.findall(r"cfg\.get\(\s*'(\w+)'", inspect.getsource(Runner)))
    # Of parts of the config, not of the whole.
    read -= {'type', 'mp_cfg', 'dist_cfg', 'resource_limit', 'seed', 'num_workers'}
    for key in read:
        merge_options(Config(), {key: None})
