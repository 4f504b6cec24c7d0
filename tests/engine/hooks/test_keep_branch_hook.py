import logging
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mmsepbn.engine import KeepBranchHook
from mmsepbn.models import LandmarkRegressionHead, MultiProtocolHead, VanillaCNN

BACKBONE = dict(widths=(4, 8), norm_cfg=dict(type='mmsepbn.SepBN'))
HEAD = dict(in_channels=8, in_featuremap_size=(2, 2), hidden_channels=(5,))


def stage_1():
    torch.manual_seed(0)
    head = MultiProtocolHead(['cofw', 'wflw'], branch=dict(type='mmsepbn.LandmarkRegressionHead', **HEAD))
    return nn.ModuleDict(dict(backbone=VanillaCNN(**BACKBONE), head=head))


def load(network, checkpoint, protocol, caplog):
    runner = SimpleNamespace(logger=logging.getLogger('keep_branch'))
    with caplog.at_level(logging.INFO):
        KeepBranchHook(protocol).after_load_checkpoint(runner, checkpoint)
    network.load_state_dict(checkpoint['state_dict'], strict=True)


def test_stage_2_starts_as_stage_1s_branch(caplog):
    source = stage_1()
    target = nn.ModuleDict(dict(backbone=VanillaCNN(**BACKBONE), head=LandmarkRegressionHead(num_landmarks=98, **HEAD)))
    load(target, dict(state_dict=source.state_dict()), 'wflw', caplog)
    source.eval(), target.eval()
    x = torch.randn(2, 3, 8, 8)
    expected = source['head'].branches['wflw'](source['backbone'](x))
    assert torch.equal(target['head'](target['backbone'](x)), expected)
    assert "the branch 'wflw', left branches ['cofw']" in caplog.text


def test_a_checkpoint_without_that_branch_is_refused(caplog):
    with pytest.raises(ValueError, match=r"has branches for \['cofw', 'wflw'\]. Got 'aflw'"):
        load(nn.Module(), dict(state_dict=stage_1().state_dict()), 'aflw', caplog)


def test_a_stage_2_checkpoint_passes_unchanged(caplog):
    head = LandmarkRegressionHead(num_landmarks=98, **HEAD)
    network = nn.ModuleDict(dict(head=head))
    state = {key: value.clone() for key, value in network.state_dict().items()}
    load(network, dict(state_dict=state), 'wflw', caplog)
    assert caplog.text == ''
