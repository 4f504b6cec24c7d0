"""The config inside of a checkpoint."""

import pytest
from helpers import ROOT
from mmengine.config import Config

from mmsepbn.checkpoints.plain_config import is_plain_config
from mmsepbn.checkpoints.trained_config import portable_text, trained_config

OWN = """
custom_imports = dict(imports=['mmsepbn.registry'])
load_from = '/home/me/work_dirs/stage_1.pth'
data_root = 'data/300W'
sets = [dict(root='/faces/300W', of={'300w': ('/a/b.txt', 3, None, True)}), 'https://host/a.pth', '/']
"""


def test_of_paths_of_a_machine_the_last_part_is_left():
    config = Config.fromstring(OWN, '.py')
    text = portable_text(config)
    assert is_plain_config(text)
    assert Config.fromstring(text, '.py').to_dict() == dict(
        custom_imports=dict(imports=['mmsepbn.registry']),
        load_from='stage_1.pth',
        data_root='data/300W',
        sets=[dict(root='300W', of={'300w': ('b.txt', 3, None, True)}), 'https://host/a.pth', ''],
    )
    assert config.load_from == '/home/me/work_dirs/stage_1.pth'


@pytest.mark.parametrize('name', ['cnt_sepbn_mobilenetv2', 'bn_resnext50_300w'])
def test_a_checkpoint_gives_the_config_back(name):
    config = Config.fromfile(ROOT / 'configs' / f'{name}.py')
    again = trained_config(dict(meta=dict(cfg=portable_text(config))))
    assert again.to_dict() == config.to_dict()


def test_a_config_of_the_new_style_becomes_plain_values(tmp_path):
    (tmp_path / 'own.py').write_text(
        'from mmsepbn.models import SepBN, VanillaCNN\nmodel = dict(type=VanillaCNN, norm_cfg=dict(type=SepBN))\n'
    )
    text = portable_text(Config.fromfile(tmp_path / 'own.py'))
    assert is_plain_config(text)
    assert Config.fromstring(text, '.py').model.norm_cfg.type.endswith('SepBN')


def test_what_has_no_config():
    for content in ({}, dict(meta=3), dict(meta={}), dict(meta=dict(cfg='this is (')), dict(meta=dict(cfg=5))):
        assert trained_config(content) is None
