"""A tiny SepBN network with two branches, untrained."""

import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

SIZE = (64, 64)


def model_config(protocols=('300w', 'wider_face'), **branches):
    """A tiny SepBN network for crops of 64 x 64 pixels."""
    config = Config.fromfile(ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py').model
    init_default_scope('mmpose')
    config.head.protocols = list(protocols)
    config.head.branch = dict(
        type='mmsepbn.LandmarkRegressionHead',
        in_channels=8,
        decoder=dict(type='mmsepbn.PixelLabel', input_size=SIZE),
    )
    config.head.branches = branches
    return config


def build(config):
    """The network with weights that make predictions differ from face to face."""
    model = MODELS.build(config)
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3, generator=generator)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):  # statistics of noise, so that activations stay in range
            module.momentum = 1.0
    with torch.no_grad():
        model.train()(torch.randn(8, 3, *SIZE, generator=generator), None)
    return model.eval()
