"""Variables of the configs' files: what is said about an option for one works."""

import re

import pytest
from helpers import ROOT
from mmengine.config import Config

from mmsepbn.option_error import OptionError
from mmsepbn.run_settings.merge import merge_options


def refused(option, name='sepbn_vanilla_wflw'):
    config = Config.fromfile(ROOT / 'configs' / f'{name}.py')
    with pytest.raises(OptionError, match=r'changes nothing: .*while the (config )?file is parsed') as caught:
        merge_options(config, option)
    return str(caught.value)


PARTS = ('train', 'val', 'test')


@pytest.mark.parametrize(
    ('key', 'expected'),
    [
        ('norm.num_routes', ['model.backbone.norm_cfg.num_routes']),
        ('norm.temperature', ['model.backbone.norm_cfg.temperature']),  # norm does not state it
        ('norm', ['model.backbone.norm_cfg']),
        ('sets', ['model.head.protocols']),
        ('wflw_train.indices', ['train_dataloader.dataset.indices']),
        ('wflw_root', [f'{part}_dataloader.dataset.data_root' for part in PARTS]),
        (
            'codec.input_size',
            [
                'model.head.branch.decoder.input_size',
                'train_dataloader.dataset.pipeline.1.input_size',
                'train_dataloader.dataset.pipeline.2.encoder.input_size',
                'val_dataloader.dataset.pipeline.1.input_size',
                'test_dataloader.dataset.pipeline.1.input_size',
            ],
        ),
    ],
)
def test_the_keys_that_work_are_named(key, expected):
    message = refused({key: 7})
    assert re.findall(r'[a-z_]+(?:\.\w+){2,}', message.partition(' Set ')[2]) == expected
    config = Config.fromfile(ROOT / 'configs' / 'sepbn_vanilla_wflw.py')
    merge_options(config, dict.fromkeys(expected, {} if key == 'norm' else 7))


def test_variables_of_the_environment_are_named():
    assert 'Set FACES_ROOT in the environment, or' in refused({'faces_root': '/faces'})
    assert 'Set COFW_ROOT in the environment.' in refused({'cofw_root': '/faces'})  # nothing of this config lies there
    assert 'Set CNT_SETS in the environment, or' in refused({'sets': ['wflw']}, 'cnt_sepbn_vanilla')
    assert 'CNT_SETS' not in refused({'sets': ['cofw']})


def test_imports_come_too_late_as_an_option():
    refused({'custom_imports.imports': ['json']})


def test_a_place_in_many_sets_is_named_in_few_words():
    assert refused({'codec.input_size': 7}, 'cnt_sepbn_vanilla').endswith('and 9 more.')
