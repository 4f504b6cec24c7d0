"""Configs in a folder of one's own, based on those of the package."""

import re

import pytest
from helpers import ROOT
from mmengine.config import Config

from mmsepbn import config_path
from mmsepbn.config_file import OptionError, read_config

OWN = "_base_ = __import__('mmsepbn').config_path({!r})\n"


@pytest.mark.parametrize('name', ['sepbn_vanilla_wflw.py', 'demo/cnt_bn_vanilla.py', '_base_/default_runtime.py'])
def test_a_config_elsewhere_is_what_its_base_is(tmp_path, name):
    (tmp_path / 'own.py').write_text(OWN.format(name))
    assert Config.fromfile(tmp_path / 'own.py').to_dict() == Config.fromfile(ROOT / 'configs' / name).to_dict()


def test_it_changes_its_base_and_reads_its_variables(tmp_path):
    lines = 'model = dict(head=dict(protocols=[*_base_.sets, "cofw"]))\ntrain_cfg = dict(max_epochs=3)\n'
    (tmp_path / 'own.py').write_text(OWN.format('sepbn_vanilla_wflw.py') + lines)
    config = read_config(tmp_path / 'own.py')
    assert (config.model.head.protocols, config.train_cfg.max_epochs) == (['wflw', 'cofw'], 3)
    assert config.model.backbone.norm_cfg.type == 'mmsepbn.SepBN'


def test_one_of_several_bases(tmp_path):
    (tmp_path / 'schedule.py').write_text('train_cfg = dict(max_epochs=7)')
    bases = "[__import__('mmsepbn').config_path('_base_/default_runtime.py'), 'schedule.py']"
    (tmp_path / 'own.py').write_text(f'_base_ = {bases}')
    config = Config.fromfile(tmp_path / 'own.py')
    assert (config.train_cfg.max_epochs, config.log_level) == (7, 'INFO')


def test_the_documented_config(tmp_path):
    section = (ROOT / 'docs' / 'training.md').read_text().split('### A config in your own folder')[1]
    (tmp_path / 'own.py').write_text(re.findall(r'```python\n(.*?)```', section, re.DOTALL)[0])
    config, base = Config.fromfile(tmp_path / 'own.py'), Config.fromfile(ROOT / 'configs' / 'sepbn_vanilla_wflw.py')
    assert base.train_dataloader.batch_size != config.train_dataloader.batch_size == 32
    base.train_dataloader.batch_size = 32
    assert config.to_dict() == base.to_dict()


@pytest.mark.parametrize('name', ['sepbn_vanila_wflw.py', 'sepbn_vanilla_wflw', 'demo', ''])
def test_a_config_that_there_is_not_is_named(name):
    near = r" Did you mean 'sepbn_vanilla_wflw\.py'\?" if 'wflw' in name else ''
    with pytest.raises(FileNotFoundError, match=rf"must be a config of mmsepbn\. Got '{name}'\.{near}"):
        config_path(name)


def test_the_tools_say_so_in_one_line(tmp_path):
    (tmp_path / 'own.py').write_text(OWN.format('sepbn_vanila_wflw.py'))
    with pytest.raises(
        OptionError, match=r"own\.py: this is not a config: .* must be a config of mmsepbn\. Got '[^\n]*$"
    ):
        read_config(tmp_path / 'own.py')
