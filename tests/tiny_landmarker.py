"""A network of several protocols that predicts something else for every face, without having been trained."""

import os
from pathlib import Path
from unittest import mock

import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

SETS = '300w,wflw,cofw'


def write_network(folder: Path, more: str = '', base: str = 'demo/cnt_sepbn_vanilla.py') -> tuple[Path, Path]:
    """Write a config, with ``more`` at its end, and a checkpoint of random weights; branches are those of SETS."""
    config = folder / 'tiny.py'
    config.write_text(
        f"_base_ = '{ROOT}/configs/{base}'\n"
        'model = dict(backbone=dict(widths=(4, 4, 8, 8, 8, 8)),\n'
        '             head=dict(branch=dict(in_channels=8, hidden_channels=(16,))))\n'
        f'{more}\n'
    )
    with mock.patch.dict(os.environ, CNT_SETS=SETS):
        cfg = Config.fromfile(config)
    cfg.dump(config)
    init_default_scope('mmpose')
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    for module in model.modules():
        if hasattr(module, 'running_mean'):
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    for branch in model.head.branches.values():
        torch.nn.init.normal_(branch.fc.weight, std=20)
    torch.save(dict(state_dict=model.state_dict()), folder / 'tiny.pth')
    return config, folder / 'tiny.pth'
