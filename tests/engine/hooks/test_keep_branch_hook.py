import logging
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mmsepbn.compat import CheckpointError
from mmsepbn.engine import KeepBranchHook
from mmsepbn.models import MultiProtocolHead, VanillaCNN

BRANCH = dict(type='mmsepbn.LandmarkRegressionHead', in_channels=8, in_featuremap_size=(2, 2), hidden_channels=(5,))


def network(*protocols):
    backbone = VanillaCNN(widths=(4, 8), norm_cfg=dict(type='mmsepbn.SepBN'))
    return nn.ModuleDict(dict(backbone=backbone, head=MultiProtocolHead(protocols, branch=BRANCH))).eval()


def load(model, checkpoint, caplog):
    runner = SimpleNamespace(logger=logging.getLogger('keep_branch'), model=model)
    with caplog.at_level(logging.INFO):
        KeepBranchHook().after_load_checkpoint(runner, checkpoint)
    model.load_state_dict(checkpoint['state_dict'], strict=True)


def test_stage_2_starts_as_stage_1s_branch(caplog):
    source, target = network('cofw', 'wflw', 'aflw'), network('wflw')
    load(target, dict(state_dict=source.state_dict()), caplog)
    x = torch.randn(2, 3, 8, 8)
    expected = source['head'].branches['wflw'](source['backbone'](x))
    assert torch.equal(target['head'](target['backbone'](x))['wflw'], expected)
    assert "the branches ['wflw'], left ['aflw', 'cofw']" in caplog.text


def test_a_checkpoint_without_that_branch_is_refused(caplog):
    with pytest.raises(
        CheckpointError, match=r"branches for \['cofw', 'wflw'\], the model for \['aflw', 'wflw'\]: .*af"
    ):
        load(network('aflw', 'wflw'), dict(state_dict=network('cofw', 'wflw').state_dict()), caplog)


def test_new_branches_start_on_the_backbone_where_they_may(caplog):
    source, target = network('cofw', 'wflw'), network('aflw', 'wflw')
    untrained = {name: value.clone() for name, value in target['head'].branches['aflw'].state_dict().items()}
    checkpoint = dict(state_dict=source.state_dict())
    runner = SimpleNamespace(logger=logging.getLogger('keep_branch'), model=target)
    with caplog.at_level(logging.INFO):
        KeepBranchHook(new_branches=True).after_load_checkpoint(runner, checkpoint)
    missing, left = target.load_state_dict(checkpoint['state_dict'], strict=False)
    assert left == []
    assert missing == [f'head.branches.aflw.{name}' for name in untrained]
    x = torch.randn(2, 3, 8, 8)
    expected = source['head'].branches['wflw'](source['backbone'](x))
    assert torch.equal(target['head'](target['backbone'](x))['wflw'], expected)
    for name, value in target['head'].branches['aflw'].state_dict().items():
        assert torch.equal(value, untrained[name])
    assert "the branches ['wflw'], left ['cofw']" in caplog.text


@pytest.mark.parametrize('protocols', [('wflw',), ('wflw', 'cofw')])
def test_a_checkpoint_with_the_models_branches_passes_unchanged(caplog, protocols):
    load(network(*protocols), dict(state_dict=network(*protocols).state_dict()), caplog)
    assert 'KeepBranchHook' not in caplog.text


def test_networks_without_branches_are_not_its_business(caplog):
    model = nn.Linear(2, 3)
    load(model, dict(state_dict=nn.Linear(2, 3).state_dict()), caplog)
    pretrained = dict(network('cofw').state_dict())
    KeepBranchHook().after_load_checkpoint(SimpleNamespace(model=model), dict(state_dict=pretrained))
    assert pretrained.keys() == network('cofw').state_dict().keys()
