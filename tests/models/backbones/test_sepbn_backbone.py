"""SepBN in backbones of MMPose, with weights in the layouts that torchvision and MMPose ship."""

import pytest
import torch
import torchvision
from helpers import HRNET
from mmengine.logging import MMLogger
from mmengine.model import PretrainedInit
from mmpose.registry import MODELS
from torch import nn

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.pretrained import CheckedPretrainedInit
from mmsepbn.models import AttentiveNorm, BruteForceSepBN, SepBN, SepBNBackbone

RESNEXT = dict(type='ResNeXt', depth=50, groups=32, width_per_group=4)
EQUAL_ROUTES = dict(type='mmsepbn.SepBN', init_std=0.0)


def with_weights(path):
    return RESNEXT | dict(init_cfg=dict(type='Pretrained', checkpoint=str(path)))


@pytest.fixture(scope='module')
def pretrained(tmp_path_factory):
    """A file in torchvision's layout, of a network whose norms have seen data and differ from channel to channel."""
    torch.manual_seed(0)
    network = torchvision.models.resnext50_32x4d()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1, 0.1), nn.init.normal_(module.bias, 0, 0.1)
    with torch.no_grad():
        network(torch.randn(4, 3, 64, 64))
    path = tmp_path_factory.mktemp('weights') / 'resnext50_32x4d.pth'
    torch.save(network.state_dict(), path)
    return path


@pytest.mark.slow
def test_pretrained_with_equal_routes_it_computes_what_the_bn_network_does(pretrained):
    ours = SepBNBackbone(with_weights(pretrained), EQUAL_ROUTES, positions=(1, 2, 3))
    theirs = MODELS.build(with_weights(pretrained))
    ours.init_weights(), theirs.init_weights()
    ours.double(), theirs.double()
    x = torch.randn(2, 3, 64, 64, dtype=torch.float64)
    for mode in (False, True):
        ours.train(mode), theirs.train(mode)
        torch.testing.assert_close(ours(x)[-1], theirs(x)[-1], atol=1e-8, rtol=1e-6)


def test_the_report_says_what_was_loaded(pretrained, caplog):
    backbone = SepBNBackbone(with_weights(pretrained), positions=(3,))
    logger = MMLogger.get_instance('report')
    logger.addHandler(caplog.handler)
    backbone.init_weights()
    logger.removeHandler(caplog.handler)
    # 53 convolutions and 53 norms of 5 tensors; the file's classifier has no place.
    assert '16 norms replaced' in caplog.text
    assert '318 tensors taken; not in the file: nothing; not in the model: fc.weight, fc.bias' in caplog.text


def test_routes_part_around_the_pretrained_scale_and_attention_stays_small(pretrained):
    torch.manual_seed(0)
    backbone = SepBNBackbone(with_weights(pretrained), dict(type='mmsepbn.SepBN', init_std=0.2), positions=(2,))
    backbone.init_weights()
    given = torch.load(pretrained)
    layer = backbone.backbone.layer3[1].bn2
    assert isinstance(layer, SepBN)
    torch.testing.assert_close(layer.weight.mean(0), given['layer3.1.bn2.weight'])
    torch.testing.assert_close(layer.norm.running_var, given['layer3.1.bn2.running_var'])
    relative = (layer.weight - given['layer3.1.bn2.weight']) / given['layer3.1.bn2.weight']
    torch.testing.assert_close(relative.std(), torch.tensor(0.2), rtol=0.1, atol=0)


def test_routes_of_a_sepbn_checkpoint_stay_as_they_are(tmp_path):
    source = SepBNBackbone(dict(type='ResNet', depth=18), positions=(2,))
    source.init_weights()
    torch.save(source.backbone.state_dict(), tmp_path / 'sepbn.pth')
    settings = dict(type='Pretrained', checkpoint=str(tmp_path / 'sepbn.pth'))
    target = SepBNBackbone(dict(type='ResNet', depth=18, init_cfg=settings), positions=(2,))
    target.init_weights()
    for name, value in source.state_dict().items():
        assert torch.equal(target.state_dict()[name], value), name


TINY = dict(type='ResNet', depth=18, base_channels=8, stem_channels=8)
NORMAL = dict(type='Normal', layer='Conv2d', std=0.5)


@pytest.mark.parametrize('kind', ['Pretrained', PretrainedInit, CheckedPretrainedInit])
@pytest.mark.parametrize(
    ('inner', 'outer'), [('one', None), ('two', None), ('one', 'normal'), (None, 'one'), (None, 'two'), ('far', 'two')]
)
def test_loaded_attention_stays_however_the_weights_are_asked_for(tmp_path, kind, inner, outer):
    source = SepBNBackbone(TINY, positions=(2,))
    source.init_weights()
    state = {f'backbone.{name}': value for name, value in source.state_dict().items()}
    torch.save(state, tmp_path / 'sepbn.pth')
    weights = dict(type=kind, checkpoint=str(tmp_path / 'sepbn.pth'), prefix='backbone.backbone')
    forms = {
        None: None,
        'one': weights,
        'two': [weights, NORMAL],
        'normal': NORMAL,
        'far': dict(type=kind, checkpoint=str(tmp_path / 'missing.pth')),
    }
    target = SepBNBackbone(dict(TINY, init_cfg=forms[inner]), positions=(2,), init_cfg=forms[outer])
    target.init_weights()
    for name, value in source.state_dict().items():
        assert torch.equal(target.state_dict()[name], value), name
    assert target.backbone.init_cfg == forms[inner]


def test_weights_of_bn_leave_attention_as_initialized_and_routes_perturbed(tmp_path):
    source = MODELS.build(TINY)
    source.init_weights()
    torch.save(source.state_dict(), tmp_path / 'bn.pth')
    weights = dict(type='Pretrained', checkpoint=str(tmp_path / 'bn.pth'))
    target = SepBNBackbone(dict(TINY, init_cfg=[NORMAL, weights]), positions=(1,))
    target.init_weights()
    layer = target.backbone.layer1[0].bn1
    assert torch.equal(target.backbone.conv1.weight, source.conv1.weight)
    assert layer.weight.std(0).min() > 0
    assert layer.route_attention.conv.weight.abs().max() <= layer.num_features**-0.5


def test_a_backbone_that_reads_weights_in_a_form_of_its_own_does_so(tmp_path):
    """MMPose's MSPN takes those of torchvision's ResNet and renames them."""
    resnet = {'conv1.weight': torch.randn(64, 3, 7, 7)}
    torch.save(resnet, tmp_path / 'resnet50.pth')
    weights = dict(type='Pretrained', checkpoint=str(tmp_path / 'resnet50.pth'))
    mspn = dict(type='mmpose.MSPN', unit_channels=8, num_stages=1, num_units=2, num_blocks=[1, 1], init_cfg=weights)
    backbone = SepBNBackbone(mspn, pattern=r'downsample.*bn2')
    backbone.init_weights()
    assert torch.equal(backbone.backbone.top.top[0].conv.weight, resnet['conv1.weight'])


def test_from_scratch_routes_differ_and_attention_is_not_taken_for_the_backbones():
    """MobileNetV2 initializes every Conv2d inside it, the attention's as well, at a standard deviation of 0.5."""
    torch.manual_seed(0)
    backbone = SepBNBackbone(dict(type='MobileNetV2'), positions=(3,))
    backbone.init_weights()
    layers = [module for module in backbone.modules() if isinstance(module, SepBN)]
    assert len(layers) == 17
    for layer in layers:
        assert layer.weight.std(0).min() > 0
        bound = layer.num_features**-0.5
        assert bound / 2 < layer.route_attention.conv.weight.abs().max() <= bound


@pytest.mark.parametrize(
    ('inner', 'settings', 'count'),
    [
        (dict(type='ResNet', depth=18, zero_init_residual=False), dict(positions=(1,)), 8),
        (dict(type='ResNet', depth=50), dict(stages=['layer4'], positions=(3,)), 3),
        (dict(type='MobileNetV2'), dict(pattern=r'^conv2'), 1),
        (HRNET, dict(positions=(2,)), 10),
        (HRNET, dict(stages=['stage4']), 11),
        (dict(type='ShuffleNetV2'), dict(positions=(5,)), 16),
        (dict(type='mmsepbn.VanillaCNN', widths=(4, 8), norm_cfg=dict(type='BN')), dict(stages=['blocks.1']), 1),
    ],
)
def test_any_backbone_trains(inner, settings, count):
    torch.manual_seed(0)
    backbone = SepBNBackbone(inner, dict(type='mmsepbn.SepBN', num_groups=2), **settings)
    assert len(backbone.replaced) == count
    backbone.init_weights()
    feats = backbone(torch.randn(2, 3, 64, 64))
    sum(feat.square().mean() for feat in feats).backward()
    for name in backbone.replaced:
        layer = backbone.backbone.get_submodule(name)
        assert layer.weight.grad.abs().sum() > 0
        assert layer.route_attention.conv.weight.grad.abs().sum() > 0


@pytest.mark.parametrize('norm', [SepBN, AttentiveNorm])
def test_sets_of_scale_and_shift_part_whichever_norm_has_them(norm):
    """ResNet sets the scale of every norm to 1, of the last one of each block to 0."""
    backbone = SepBNBackbone(TINY, dict(type=f'mmsepbn.{norm.__name__}'), positions=(2,))
    backbone.init_weights()
    for name in backbone.replaced:
        layer = backbone.backbone.get_submodule(name)
        assert layer.weight.std(0).min() > 0
        assert layer.bias.std(0).min() > 0


@pytest.mark.parametrize('norm', [AttentiveNorm, BruteForceSepBN])
def test_other_norms_can_be_put_in(norm):
    backbone = SepBNBackbone(dict(type='ResNet', depth=18), dict(type=f'mmsepbn.{norm.__name__}'), positions=(2,))
    backbone.init_weights()
    assert sum(isinstance(module, norm) for module in backbone.modules()) == 8


def test_a_network_trained_with_bn_alone_loads_into_one_with_sepbn(pretrained):
    source = nn.ModuleDict(dict(backbone=MODELS.build(with_weights(pretrained))))
    source['backbone'].init_weights()
    target = nn.ModuleDict(dict(backbone=SepBNBackbone(RESNEXT, positions=(2,))))
    missing, unexpected = target.load_state_dict(source.state_dict(), strict=False)
    assert (missing, unexpected) == ([], [])
    own = target['backbone'].state_dict()
    assert torch.equal(
        own['backbone.layer1.0.bn2.weight'], source.state_dict()['backbone.layer1.0.bn2.weight'].expand(3, -1)
    )


def test_frozen_stages_stay_frozen():
    backbone = SepBNBackbone(dict(type='ResNet', depth=18, frozen_stages=1), positions=(1, 2)).train()
    layer = backbone.backbone.layer1[0].bn1
    assert not any(p.requires_grad for p in layer.parameters())
    assert not layer.norm.training
    assert all(p.requires_grad for p in backbone.backbone.layer2[0].bn1.parameters())


def test_unfit_weights_end_in_an_error(tmp_path):
    torch.save(nn.Linear(2, 2).state_dict(), tmp_path / 'linear.pth')
    with pytest.raises(CheckpointError, match='Nothing in'):
        SepBNBackbone(with_weights(tmp_path / 'linear.pth'), positions=(2,)).init_weights()
    with pytest.raises(CheckpointError, match='cannot be fetched'):
        SepBNBackbone(with_weights(tmp_path / 'missing.pth'), positions=(2,)).init_weights()


def test_a_choice_of_nothing_is_an_error():
    with pytest.raises(ValueError, match=r'positions=\(4,\).*Candidates'):
        SepBNBackbone(dict(type='ResNet', depth=18), positions=(4,))
