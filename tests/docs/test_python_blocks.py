"""Blocks of Python in README.md and docs/; ``make docs-check`` runs those that are scripts."""

import ast

import pytest
import torch
from doc_blocks import blocks, is_fragment, is_whole_config
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import HOOKS, MODELS, init_default_scope

from mmsepbn import SepBN

# What trains the whole configs of a page.
TRAINED_BY = {
    'backbones.md': 'tests/models/backbones/test_documented_backbone.py',
    'datasets.md': 'tests/datasets/test_own_set.py',
    'heads.md': 'tests/models/heads/test_documented_heads.py',
    'own_parts.md': 'tests/models/test_documented_parts.py',
    'training.md': 'tests/datasets/test_own_set.py',
}
FRAGMENTS = [block for block in blocks('python') if is_fragment(block)]


@pytest.mark.parametrize('block', blocks('python'), ids=str)
def test_a_block_is_python(block):
    ast.parse(block.text)


@pytest.mark.parametrize('block', FRAGMENTS, ids=str)
def test_a_fragment_of_a_config_puts_sepbn_into_a_backbone(block):
    """Into MMPose's ResNet where it names no backbone."""
    init_default_scope('mmpose')
    config = Config.fromstring(block.text, '.py')
    backbone = config.model.backbone
    backbone = MODELS.build(backbone if 'type' in backbone else dict(type='ResNet', depth=18, **backbone))
    layers = [layer for layer in backbone.modules() if isinstance(layer, SepBN)]
    norm = config.model.backbone.norm_cfg
    assert len(layers) >= 8
    assert {(layer.num_routes, layer.num_groups) for layer in layers} == {(norm.num_routes, norm.num_groups)}
    assert backbone(torch.zeros(2, 3, 64, 64))[-1].shape == (2, 512, 2, 2)
    for hook in config.get('custom_hooks', []):
        assert HOOKS.build(hook)


def test_whole_configs_are_trained_by_a_test():
    pages = {block.page.name for block in blocks('python') if is_whole_config(block)}
    assert pages == TRAINED_BY.keys()
    for page, test in TRAINED_BY.items():
        assert f"'{page}'" in (ROOT / test).read_text()


def test_every_kind_of_block_is_met():
    assert len(FRAGMENTS) >= 3
