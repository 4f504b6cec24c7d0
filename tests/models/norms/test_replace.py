import copy
import re

import pytest
import torch
import torchvision
from helpers import HRNET
from mmpose.registry import MODELS
from torch import nn

from mmsepbn.models import SepBN
from mmsepbn.models.norms.replace import find_norms, replace_norms, select_norms

SEPBN = dict(type='mmsepbn.SepBN', num_groups=2)


def positions(model):
    return {site.name: site.position for site in find_norms(model)}


def test_bottlenecks_of_mmpose_and_torchvision_have_three_places_and_shortcuts_none():
    for model in (MODELS.build(dict(type='ResNet', depth=50)), torchvision.models.resnet50()):
        found = positions(model)
        assert [found[f'layer2.0.bn{n}'] for n in (1, 2, 3)] == [1, 2, 3]
        assert found['bn1'] is None
        assert found['layer2.0.downsample.1'] is None
        assert len(select_norms(model, positions=(2,))) == 16
        assert len(select_norms(model, positions=(1, 3))) == 32


@pytest.mark.parametrize('build', [lambda: MODELS.build(dict(type='MobileNetV2')), torchvision.models.mobilenet_v2])
def test_inverted_residuals_count_from_the_projection(build):
    """The first block has no expansion, so 16, 17 and 17 norms in the three places; the stem and the head have none."""
    model = build()
    assert [len(select_norms(model, positions=(n,))) for n in (1, 2, 3)] == [16, 17, 17]
    widths = {model.get_submodule(name).num_features for name in select_norms(model, positions=(3,))}
    assert widths == {16, 24, 32, 64, 96, 160, 320}


def test_basic_blocks_have_two_places():
    found = positions(MODELS.build(dict(type='ResNet', depth=18)))
    assert [found['layer1.0.bn1'], found['layer1.0.bn2']] == [1, 2]


def test_a_backbone_nobody_thought_of():
    class Unit(nn.Module):
        def __init__(self):
            super().__init__()
            self.main = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
            self.shortcut = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.BatchNorm2d(4)
            self.body = nn.ModuleList([Unit(), Unit()])

    expected = {'stem': None, 'body.0.main.1': 1, 'body.0.main.3': 2, 'body.0.shortcut.1': None}
    found = positions(Net())
    assert {name: found[name] for name in expected} == expected


def test_a_module_around_blocks_is_none():
    """HRNet's modules hold blocks, and norms of their own in the layers that fuse branches."""
    found = positions(MODELS.build(HRNET))
    assert found['stage2.0.branches.1.0.bn2'] == 2
    assert found['stage3.0.fuse_layers.0.2.1'] is None


def test_stages_and_patterns_restrict_the_choice():
    model = torchvision.models.resnet50()
    assert len(select_norms(model)) == 53
    assert select_norms(model, stages=['bn1']) == ['bn1']
    assert len(select_norms(model, stages=['layer1', 'layer4.2'], positions=(3,))) == 4
    assert select_norms(model, pattern=r'layer[34]\.0\.bn2') == ['layer3.0.bn2', 'layer4.0.bn2']


def test_a_choice_that_matches_nothing_lists_candidates():
    with pytest.raises(
        ValueError, match=r"\['layer9'\].* no BatchNorm of ResNet. Candidates:\n  bn1 \(position None\)"
    ):
        select_norms(torchvision.models.resnet50(), stages=['layer9'])
    with pytest.raises(ValueError, match='none, the network has no BatchNorm'):
        select_norms(nn.Sequential(nn.Conv2d(1, 1, 1)))


def test_a_prefix_is_a_whole_name():
    model = nn.Sequential(*(nn.BatchNorm2d(2) for _ in range(11)))
    assert select_norms(model, stages=['1']) == ['1']


def test_a_trained_network_computes_the_same_after_replacement():
    torch.manual_seed(0)
    model = torchvision.models.resnet18().double()
    model(torch.randn(4, 3, 32, 32, dtype=torch.float64))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1, 0.2), nn.init.normal_(module.bias, 0, 0.2)
    x = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    plain = copy.deepcopy(model)
    replace_norms(model, select_norms(model, positions=(2,)), SEPBN)
    assert sum(isinstance(module, SepBN) for module in model.modules()) == 8
    for mode in (False, True):
        torch.testing.assert_close(model.train(mode)(x), plain.train(mode)(x), atol=1e-8, rtol=1e-6)


def test_eps_momentum_mode_and_frozen_parameters_are_kept():
    model = nn.Sequential(nn.BatchNorm2d(4, eps=0.01, momentum=0.3)).eval().requires_grad_(False)
    replace_norms(model, ['0'], SEPBN)
    assert (model[0].norm.eps, model[0].norm.momentum, model[0].training) == (0.01, 0.3, False)
    assert not any(p.requires_grad for p in model.parameters())
    replace_norms(model := nn.Sequential(nn.BatchNorm2d(4)), ['0'], SEPBN | dict(eps=0.5))
    assert model[0].norm.eps == 0.5


def test_a_synchronized_norm_stays_synchronized():
    model = nn.Sequential(nn.SyncBatchNorm(4))
    replace_norms(model, ['0'], SEPBN)
    assert type(model[0].norm) is nn.SyncBatchNorm


def test_norms_with_more_inside_and_groups_that_do_not_divide_name_the_layer():
    class BatchNormAct2d(nn.BatchNorm2d):
        """As timm's: the activation is part of the norm."""

    with pytest.raises(ValueError, match=r'1 is a BatchNormAct2d, which does more .* cannot be replaced'):
        replace_norms(nn.Sequential(nn.ReLU(), BatchNormAct2d(4)), ['1'], SEPBN)
    model = nn.ModuleDict(dict(block=nn.Sequential(nn.BatchNorm2d(18))))
    with pytest.raises(ValueError, match=r'block\.0: SepBN\(num_groups=\) must divide .* 4 groups of 18'):
        replace_norms(model, ['block.0'], dict(type='mmsepbn.SepBN'))


class Routes(nn.Module):
    """A norm of a user, whose weight has another shape than a BatchNorm's."""

    def __init__(self, num_features, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.full((3, num_features), 7.0))
        self.bias = nn.Parameter(torch.zeros(num_features))


class ReadingRoutes(Routes):
    def _load_from_state_dict(self, state_dict, prefix, *args):
        state_dict[f'{prefix}weight'] = state_dict[f'{prefix}weight'].expand(3, -1)
        super()._load_from_state_dict(state_dict, prefix, *args)


class FailingRoutes(Routes):
    def _load_from_state_dict(self, state_dict, prefix, *args):
        super()._load_from_state_dict(state_dict, prefix, *args)


@pytest.mark.parametrize('norm_cfg', [dict(type='GN', num_groups=2), dict(type='IN2d', affine=True), dict(type=Routes)])
def test_norms_of_others_take_what_agrees_in_shape(norm_cfg):
    model = nn.Sequential(nn.BatchNorm2d(4, eps=0.01))
    nn.init.normal_(model[0].weight), nn.init.normal_(model[0].bias)
    weight, bias = model[0].weight.detach(), model[0].bias.detach()
    replace_norms(model, ['0'], norm_cfg)
    assert model[0].eps == 0.01
    assert torch.equal(model[0].bias, bias)
    assert torch.equal(model[0].weight, weight if norm_cfg['type'] != Routes else torch.full((3, 4), 7.0))


def test_a_norm_of_a_user_may_read_the_state_itself():
    model = nn.Sequential(nn.BatchNorm2d(4))
    nn.init.normal_(model[0].weight)
    weight = model[0].weight.detach()
    replace_norms(model, ['0'], dict(type=ReadingRoutes))
    assert torch.equal(model[0].weight, weight.expand(3, -1))


def test_settings_and_states_that_a_norm_refuses_name_the_layer():
    model = nn.ModuleDict(dict(block=nn.Sequential(nn.BatchNorm2d(4))))
    with pytest.raises(ValueError, match=r"block\.0: .*unexpected keyword argument 'routes'"):
        replace_norms(model, ['block.0'], dict(type=Routes, routes=3))
    with pytest.raises(ValueError, match=r'(?s)block\.0: .*size mismatch for weight'):
        replace_norms(model, ['block.0'], dict(type=FailingRoutes))


@pytest.mark.parametrize(
    ('norm_cfg', 'said'),
    [
        (dict(type='GN'), "norm_cfg must have the settings that its layer needs. Got {'type': 'GN'}."),
        (dict(type='No'), "norm_cfg.type must be a registered norm layer. Got norm_cfg={'type': 'No'}."),
        (dict(eps=0.1), "norm_cfg.type must be a registered norm layer. Got norm_cfg={'eps': 0.1}."),
    ],
)
def test_what_mmcv_refuses_names_the_layer_and_the_config(norm_cfg, said):
    model = nn.ModuleDict(dict(block=nn.Sequential(nn.BatchNorm2d(4))))
    with pytest.raises(ValueError, match=f'^{re.escape(f"block.0: {said}")}$'):
        replace_norms(model, ['block.0'], norm_cfg)


class Twice(nn.Module):
    """One BatchNorm used at two places, as in networks that share layers."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))
        self.second = nn.Sequential(nn.Conv2d(4, 4, 1), self.first[1])

    def forward(self, x):
        return self.second(self.first(x))


@pytest.mark.parametrize('pattern', [None, 'first', 'second'])
def test_a_norm_with_two_names_is_replaced_at_both_by_one(pattern):
    torch.manual_seed(0)
    model, x = Twice().eval(), torch.randn(2, 4, 5, 5)
    nn.init.normal_(model.first[1].weight), nn.init.normal_(model.first[1].running_mean)
    expected = model(x)
    replace_norms(model, select_norms(model, pattern=pattern), SEPBN)
    assert type(model.first[1]) is SepBN
    assert model.first[1] is model.second[1]
    torch.testing.assert_close(model(x), expected)


@pytest.mark.parametrize('kind', ['SepBN', 'AttentiveNorm', 'BruteForceSepBN'])
@pytest.mark.parametrize('tracked', [True, False])
@pytest.mark.parametrize('affine', [True, False])
def test_dtype_and_lack_of_statistics_are_handed_on(kind, tracked, affine):
    old = nn.BatchNorm2d(4, affine=affine, track_running_stats=tracked).double()
    replace_norms(model := nn.Sequential(old), ['0'], dict(type=f'mmsepbn.{kind}'))
    known = affine or tracked  # else the old layer has no tensor at all
    norms = [norm for norm in model.modules() if isinstance(norm, nn.BatchNorm2d)]
    assert all((norm.running_mean is not None) is tracked is norm.track_running_stats for norm in norms)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float64 if known else torch.float32}


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('sync', [False, True])
def test_a_norm_without_running_statistics_computes_the_same_after_replacement(training, sync):
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(4, track_running_stats=False)
    nn.init.normal_(norm.weight), nn.init.normal_(norm.bias)
    x = torch.randn(5, 4, 6, 6) * 3 + 2
    mean, deviation = x.mean((0, 2, 3), keepdim=True), (x.var((0, 2, 3), correction=0, keepdim=True) + 1e-5).sqrt()
    expected = (x - mean) / deviation * norm.weight[:, None, None] + norm.bias[:, None, None]
    given = nn.SyncBatchNorm.convert_sync_batchnorm(norm) if sync else norm
    replace_norms(model := nn.Sequential(given), ['0'], SEPBN)
    assert type(model[0].norm) is type(given)
    assert model[0].norm.running_mean is None
    torch.testing.assert_close(model.train(training)(x), expected)
