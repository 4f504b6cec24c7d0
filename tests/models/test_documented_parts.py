"""The parts and the config of docs/own_parts.md, as they stand there, train and are tested."""

import re

import pytest
from helpers import ROOT

MODULE, CONFIG = re.findall(r'```python\n(.*?)```', (ROOT / 'docs' / 'own_parts.md').read_text(), re.DOTALL)
# What the page says of the norm.
WITH_NORM = """
_base_ = 'mine.py'
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmsepbn.SepBNBackbone',
        backbone=dict(type='ResNet', depth=18),
        norm_cfg=dict(type='mmsepbn.MyNorm', gain=0.5),
        positions=(2,),
    ),
    head=dict(branch=dict(in_channels=512)),
)
"""

pytestmark = pytest.mark.slow


@pytest.mark.parametrize('config', ['mine.py', 'with_norm.py'])
def test_the_documented_parts_train(config, run_tool, tmp_path):
    (tmp_path / 'my_parts.py').write_text(MODULE)
    (tmp_path / 'mine.py').write_text(CONFIG)
    (tmp_path / 'with_norm.py').write_text(WITH_NORM)
    briefly = ('--cfg-options', 'train_cfg.max_epochs=1', 'train_cfg.val_interval=1', 'param_scheduler=None')
    output = run_tool('tools/train.py', config, '--work-dir', 'run', *briefly, PYTHONPATH=str(tmp_path))
    assert re.search(r'loss_kpt/wflw: \d', output)
    assert re.search(r'wflw/NME: \d.*mine/worst: \d', output)
    assert (config == 'with_norm.py') is ('MyNorm' in output)
