import copy
import logging
from types import SimpleNamespace

import pytest
import torch
from mmengine.optim import OptimWrapper
from mmengine.runner import EpochBasedTrainLoop
from torch import nn

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.engine import KeepBranchHook
from mmsepbn.models import MultiProtocolHead, VanillaCNN

BRANCH = dict(type='mmsepbn.LandmarkRegressionHead', in_channels=8, in_featuremap_size=(2, 2), hidden_channels=(5,))


def network(*protocols):
    backbone = VanillaCNN(widths=(4, 8), norm_cfg=dict(type='mmsepbn.SepBN'))
    return nn.ModuleDict(dict(backbone=backbone, head=MultiProtocolHead(protocols, branch=BRANCH))).eval()


def runner_of(model, training=True):
    loop, wrapper = (object.__new__(kind) if training else None for kind in (EpochBasedTrainLoop, OptimWrapper))
    return SimpleNamespace(
        logger=logging.getLogger('keep_branch'), model=model, _train_loop=loop, optim_wrapper=wrapper, _resume=False
    )


def load(model, checkpoint, caplog, training=True):
    with caplog.at_level(logging.INFO):
        KeepBranchHook().after_load_checkpoint(runner_of(model, training), checkpoint)
    model.load_state_dict(checkpoint['state_dict'], strict=True)


def test_stage_2_starts_as_stage_1s_branch(caplog):
    source, target = network('cofw', 'wflw', 'aflw'), network('wflw')
    load(target, dict(state_dict=source.state_dict()), caplog)
    x = torch.randn(2, 3, 8, 8)
    expected = source['head'].branches['wflw'](source['backbone'](x))
    assert torch.equal(target['head'](target['backbone'](x))['wflw'], expected)
    assert "the branches ['wflw'], dropped ['aflw', 'cofw']" in caplog.text


def test_a_checkpoint_without_that_branch_is_refused(caplog):
    with pytest.raises(
        CheckpointError, match=r"branches for \['cofw', 'wflw'\], the model for \['aflw', 'wflw'\]: .*af"
    ):
        load(network('aflw', 'wflw'), dict(state_dict=network('cofw', 'wflw').state_dict()), caplog)


@pytest.mark.parametrize(
    ('trained', 'advice'), [(('wflw',), 'config of wflw.'), (('cofw', 'wflw'), 'config of some of cofw, wflw.')]
)
@pytest.mark.parametrize('resume', [False, True])
def test_a_test_of_other_branches_names_those_that_can_be_tested(trained, advice, resume):
    """A test can start no branch."""
    runner = runner_of(network('300w'), training=resume)
    runner._resume = resume
    state = {k: v.half() if v.is_floating_point() else v for k, v in network(*trained).state_dict().items()}
    with pytest.raises(CheckpointError) as refusal:
        KeepBranchHook().after_load_checkpoint(runner, dict(state_dict=state))
    said = f"The checkpoint has branches for {list(trained)}, the model for ['300w']: use it with a {advice}"
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ('training', 'message'),
    [(True, r'size mismatch for backbone\.blocks\.0'), (False, r'backbone\.blocks\.0\.conv\.weight is \(8, ')],
)
def test_another_backbone_is_said_before_other_branches(training, message):
    source, target = network('wflw', 'cofw'), network('300w')
    source['backbone'] = VanillaCNN(**WIDE)
    with pytest.raises(CheckpointError, match=message) as refusal:
        KeepBranchHook().after_load_checkpoint(runner_of(target, training), dict(state_dict=source.state_dict()))
    assert 'branches' not in str(refusal.value)


@pytest.mark.parametrize('protocols', [('wflw',), ('cofw', 'wflw')])
@pytest.mark.parametrize('metainfo', [dict(dataset_name='train'), None])
def test_a_resumed_training_of_several_branches_misses_no_dataset_meta(protocols, metainfo):
    """It is not saved with several branches; MMEngine warns where it is not that of the training set."""
    runner = runner_of(network(*protocols))
    runner.train_dataloader = SimpleNamespace(dataset=SimpleNamespace())
    if metainfo is not None:
        runner.train_dataloader.dataset.metainfo = metainfo
    runner._resume = True
    checkpoint = dict(state_dict=runner.model.state_dict(), meta=dict(dataset_meta=dict(dataset_name='old')))
    KeepBranchHook().before_save_checkpoint(runner, checkpoint)
    KeepBranchHook().after_load_checkpoint(runner, checkpoint)
    assert checkpoint['meta'] == dict(dataset_meta=metainfo if len(protocols) > 1 else dict(dataset_name='old'))
    started = dict(state_dict=checkpoint['state_dict'], meta={})
    runner._resume = False
    KeepBranchHook().after_load_checkpoint(runner, started)
    assert started['meta'] == {}


def test_new_branches_start_on_the_backbone_where_they_may(caplog):
    source, target = network('cofw', 'wflw'), network('aflw', 'wflw')
    untrained = {name: value.clone() for name, value in target['head'].branches['aflw'].state_dict().items()}
    checkpoint = dict(state_dict=source.state_dict())
    with caplog.at_level(logging.INFO):
        KeepBranchHook(new_branches=True).after_load_checkpoint(runner_of(target), checkpoint)
    missing, left = target.load_state_dict(checkpoint['state_dict'], strict=False)
    assert left == []
    assert missing == [f'head.branches.aflw.{name}' for name in untrained]
    x = torch.randn(2, 3, 8, 8)
    expected = source['head'].branches['wflw'](source['backbone'](x))
    assert torch.equal(target['head'](target['backbone'](x))['wflw'], expected)
    for name, value in target['head'].branches['aflw'].state_dict().items():
        assert torch.equal(value, untrained[name])
    assert "the branches ['wflw'], dropped ['cofw'], started ['aflw'] from scratch" in caplog.text


def test_branches_that_are_named_start_anew_though_the_checkpoint_has_them(caplog):
    source, target = network('cofw', 'wflw'), network('wflw', 'cofw')
    hook = KeepBranchHook(new_branches=['wflw'])
    with caplog.at_level(logging.INFO):
        hook.after_load_checkpoint(runner_of(target), checkpoint := dict(state_dict=source.state_dict()))
    expected = {name for name in source.state_dict() if not name.startswith('head.branches.wflw.')}
    assert checkpoint['state_dict'].keys() == expected
    assert "the branches ['cofw'], dropped [], started ['wflw'] from scratch" in caplog.text
    trained = dict(state_dict=target.state_dict())
    hook.after_load_checkpoint(runner_of(target, training=False), trained)
    assert trained['state_dict'].keys() == target.state_dict().keys()


@pytest.mark.parametrize(
    ('new_branches', 'error', 'message'),
    [
        (['aflw'], CheckpointError, r"new_branches=\) must be branches of \['cofw', 'wflw'\]\. Got \['aflw'\]"),
        (['wflw'], CheckpointError, r"branches for \['wflw'\], the model for \['cofw', 'wflw'\]: \['cofw'\]"),
        ('wflw', ValueError, r"new_branches=\) must be a bool or a list of names\. Got 'wflw'"),
    ],
)
def test_new_branches_that_do_not_fit_are_refused(new_branches, error, message):
    with pytest.raises(error, match=message):
        KeepBranchHook(new_branches).after_load_checkpoint(
            runner_of(network('wflw', 'cofw')), dict(state_dict=network('wflw').state_dict())
        )


def test_new_branches_start_on_the_backbone_of_a_network_of_another_kind(caplog):
    source, target = network('cofw'), network('aflw')
    state = {f'backbone.{name}': value for name, value in source['backbone'].state_dict().items()}
    checkpoint = dict(state_dict=state | {'head.fc.weight': torch.ones(1000, 8)})
    with pytest.raises(CheckpointError, match=r'head.branches.aflw.* is missing'):
        load(target, copy.deepcopy(checkpoint), caplog)
    KeepBranchHook(new_branches=True).after_load_checkpoint(runner_of(target), checkpoint)
    assert checkpoint['state_dict'].keys() == state.keys()


WIDE = dict(widths=(8, 8), norm_cfg=dict(type='mmsepbn.SepBN'))


@pytest.mark.parametrize('new_branches', [False, True])
@pytest.mark.parametrize(
    ('backbone', 'message'),
    [
        (VanillaCNN(widths=(4,), norm_cfg=WIDE['norm_cfg']), 'backbone.blocks.1.0.weight is missing|is missing'),
        (VanillaCNN(widths=(4, 8, 8), norm_cfg=WIDE['norm_cfg']), 'is not in the model'),
        (VanillaCNN(**WIDE), r'size mismatch for backbone\..*\[8, 3, .*\[4, 3'),
        (nn.Linear(2, 2), r'backbone\.blocks.* is missing'),
    ],
)
def test_stage_2_does_not_start_from_the_backbone_of_another_network(caplog, backbone, message, new_branches):
    source, target = network('wflw', 'cofw'), network('wflw')
    source['backbone'] = backbone
    hook = KeepBranchHook(new_branches)
    with pytest.raises(CheckpointError, match=message):
        hook.after_load_checkpoint(runner_of(target), dict(state_dict=source.state_dict()))


def test_stage_2_with_sepbn_starts_from_a_stage_1_with_batch_norm_and_not_the_other_way_round(caplog):
    source, target = network('wflw', 'cofw'), network('wflw')
    source['backbone'] = VanillaCNN(widths=(4, 8), norm_cfg=dict(type='BN'))
    with caplog.at_level(logging.INFO):
        checkpoint = dict(state_dict=source.state_dict())
        KeepBranchHook().after_load_checkpoint(runner_of(target), checkpoint)
    target.load_state_dict(checkpoint['state_dict'], strict=True)
    assert f'{len(target.state_dict())} tensors of the network come from the checkpoint' in caplog.text
    with pytest.raises(CheckpointError, match=r'tensors differ'):
        KeepBranchHook().after_load_checkpoint(runner_of(source), dict(state_dict=network('wflw', 'cofw').state_dict()))


def test_a_branch_of_another_shape_is_refused(caplog):
    source, target = network('wflw', 'cofw'), network('wflw')
    source['head'].branches['wflw'] = source['head'].branches['cofw']
    with pytest.raises(CheckpointError, match=r'size mismatch for head\.branches\.wflw'):
        load(target, dict(state_dict=source.state_dict()), caplog)


def test_a_test_of_one_branch_takes_it_from_stage_1(caplog):
    source, target = network('wflw', 'cofw'), network('wflw')
    load(target, dict(state_dict=source.state_dict()), caplog, training=False)
    assert "the branches ['wflw'], dropped ['cofw']" in caplog.text


@pytest.mark.parametrize('protocols', [('wflw',), ('wflw', 'cofw')])
def test_a_checkpoint_with_the_models_branches_passes_unchanged(caplog, protocols):
    load(network(*protocols), dict(state_dict=network(*protocols).state_dict()), caplog)
    assert 'branches' not in caplog.text


def test_networks_without_branches_start_from_the_backbone_whatever_their_head():
    model = nn.ModuleDict(dict(backbone=nn.Linear(2, 3), head=nn.Linear(3, 4)))
    other = nn.ModuleDict(dict(backbone=nn.Linear(2, 3), head=nn.Linear(3, 5)))
    checkpoint = dict(state_dict=other.state_dict())
    KeepBranchHook().after_load_checkpoint(runner_of(model), checkpoint)
    assert checkpoint['state_dict'].keys() == other.state_dict().keys()
    other['backbone'] = nn.Linear(4, 3)
    with pytest.raises(CheckpointError, match=r'size mismatch for weight'):
        KeepBranchHook().after_load_checkpoint(runner_of(model), dict(state_dict=other.state_dict()))
    KeepBranchHook().after_load_checkpoint(runner_of(model, training=False), dict(state_dict=other.state_dict()))
