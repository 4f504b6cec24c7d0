import copy

import pytest
import torch
from helpers import assert_conv_fusion_leaves_alone
from mmcv.cnn import build_norm_layer
from mmengine.model import convert_sync_batchnorm, revert_sync_batchnorm
from mmengine.runner.checkpoint import load_state_dict
from mmpose.registry import MODELS
from torch import nn

from mmsepbn.models.norms import SepBN
from mmsepbn.models.norms.sepbn import FIRST_TEMPERATURE

CHANNELS = 8


def make_input(dtype=torch.float32, size=8, seed=0):
    return torch.randn(5, CHANNELS, size, size, dtype=dtype, generator=torch.Generator().manual_seed(seed)) * 2 + 1


def make_layer(**kwargs):
    torch.manual_seed(0)
    return SepBN(CHANNELS, **{'temperature': 2.0, 'init_std': 0.5, **kwargs})


def sum_of_batch_norms(layer, x):
    """The paper's sum with K real BatchNorms of equal statistics, as one would write it first."""
    weights = layer.attention(x)
    result = torch.zeros_like(x)
    for k in range(layer.num_routes):
        norm = nn.BatchNorm2d(CHANNELS).to(x.dtype).train(layer.training)
        norm.load_state_dict(layer.norm.state_dict(), strict=False)
        norm.weight.data, norm.bias.data = layer.weight[k].detach(), layer.bias[k].detach()
        per_channel = weights[:, k].repeat_interleave(CHANNELS // layer.num_groups, dim=1)
        result += per_channel[:, :, None, None] * norm(x)
    return result


class TestOneRouteIsBatchNorm:
    def pair(self):
        layer, norm = SepBN(CHANNELS, num_routes=1), nn.BatchNorm2d(CHANNELS)
        scale, shift = torch.randn(2, CHANNELS)
        layer.weight.data[0], layer.bias.data[0] = scale, shift
        norm.weight.data, norm.bias.data = scale.clone(), shift.clone()
        return layer, norm

    def test_training_output_statistics_and_gradients(self):
        layer, norm = self.pair()
        ours, theirs = make_input().requires_grad_(), make_input().requires_grad_()
        weights = torch.randn(ours.shape)
        (layer(ours) * weights).sum().backward()
        (norm(theirs) * weights).sum().backward()
        torch.testing.assert_close(layer(ours), norm(theirs))
        torch.testing.assert_close(ours.grad, theirs.grad)
        torch.testing.assert_close(layer.weight.grad[0], norm.weight.grad)
        torch.testing.assert_close(layer.bias.grad[0], norm.bias.grad)
        torch.testing.assert_close(layer.norm.running_mean, norm.running_mean)
        torch.testing.assert_close(layer.norm.running_var, norm.running_var)

    def test_evaluation(self):
        layer, norm = self.pair()
        for seed in range(3):
            layer(make_input(seed=seed)), norm(make_input(seed=seed))
        torch.testing.assert_close(layer.eval()(make_input()), norm.eval()(make_input()))

    def test_a_fresh_layer_maps_by_one_and_zero_and_has_no_attention(self):
        layer = SepBN(CHANNELS, num_routes=1)
        assert [name for name, _ in layer.named_parameters()] == ['weight', 'bias']
        torch.testing.assert_close(layer(make_input()), nn.BatchNorm2d(CHANNELS)(make_input()))


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize(('routes', 'groups', 'pool'), [(2, 1, 1), (3, 4, 4), (5, 8, 2)])
def test_soft_aggregation_equals_the_weighted_sum_of_batch_norms(training, routes, groups, pool):
    layer = make_layer(num_routes=routes, num_groups=groups, pool_size=pool).double()
    layer(make_input(torch.float64, seed=1))
    layer.train(training)
    expected = sum_of_batch_norms(layer, make_input(torch.float64))
    torch.testing.assert_close(layer(make_input(torch.float64)), expected)


def test_hard_aggregation_gives_each_group_one_batch_norm():
    layer = make_layer(aggregation='hard').double()
    weights = layer.attention(make_input(torch.float64))
    assert set(weights.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(layer(make_input(torch.float64)), sum_of_batch_norms(layer, make_input(torch.float64)))


def test_reset_parameters_gives_a_new_layer():
    layer = make_layer()
    layer(make_input())
    for parameter in layer.parameters():
        parameter.data.add_(1.0)
    new = make_layer()  # which seeds as is done here
    torch.manual_seed(0)
    layer.reset_parameters()
    for name, value in new.state_dict().items():
        assert torch.equal(layer.state_dict()[name], value), name


def test_reset_parameters_fills_a_layer_made_on_the_meta_device():
    with torch.device('meta'):
        layer, unset = SepBN(CHANNELS, temperature=2.0), SepBN(CHANNELS)
    for each in (layer, unset):
        each.to_empty(device='cpu')
        for value in (*each.parameters(), *each.buffers()):
            value.data.fill_(99)
        each.reset_parameters()
        assert not any((value == 99).any() for value in each.state_dict().values())
    assert layer.temperature == 2
    assert unset.temperature == FIRST_TEMPERATURE
    assert not unset._temperature_is_set


@pytest.mark.parametrize(('given', 'first'), [(None, FIRST_TEMPERATURE), (2.0, 2.0)])
def test_reset_parameters_forgets_a_temperature_that_was_set(given, first):
    layer = SepBN(CHANNELS, temperature=given)
    layer.set_temperature(1.0)
    layer.reset_parameters()
    assert layer.temperature == first
    assert layer._temperature_is_set == (given is not None)


def test_batch_norms_second_argument_is_not_taken_for_the_number_of_routes():
    with pytest.raises(TypeError):
        SepBN(CHANNELS, 1e-5)


def test_high_temperature_tends_to_the_mean_of_the_routes():
    layer = make_layer(temperature=1e6)
    mean = nn.BatchNorm2d(CHANNELS)
    mean.weight.data, mean.bias.data = layer.weight.detach().mean(0), layer.bias.detach().mean(0)
    torch.testing.assert_close(layer(make_input()), mean(make_input()), atol=1e-4, rtol=1e-4)


def test_attention_sums_to_one_per_group_and_differs_between_samples():
    weights = make_layer(temperature=1.0).attention(make_input())
    assert weights.shape == (5, 3, 4)
    torch.testing.assert_close(weights.sum(1), torch.ones(5, 4))
    assert weights.std(0).max() > 1e-3


@pytest.mark.slow
def test_gradcheck():
    torch.manual_seed(0)
    layer = SepBN(4, num_routes=2, num_groups=2, pool_size=2, temperature=2.0, attention_channels=(2, 3)).double()
    x = torch.randn(2, 4, 4, 4, dtype=torch.float64, requires_grad=True)
    parameters = tuple(layer.parameters())
    names = [name for name, _ in layer.named_parameters()]

    def run(x, *values):
        fresh = copy.deepcopy(layer)
        return torch.func.functional_call(fresh, dict(zip(names, values, strict=True)), x)

    assert torch.autograd.gradcheck(run, (x, *parameters))


def test_every_parameter_gets_a_gradient():
    layer = make_layer()
    (layer(make_input()) * torch.randn(5, CHANNELS, 8, 8)).sum().backward()
    without = [name for name, p in layer.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert without == []


def test_hard_aggregation_gives_the_attention_no_gradient():
    layer = make_layer(aggregation='hard')
    layer(make_input()).sum().backward()
    assert all(p.grad is None for p in layer.route_attention.parameters())
    assert layer.weight.grad is not None


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(num_groups=3), r'num_groups=\) must divide num_features. Got 3 groups of 8'),
        (dict(num_groups=(1, 2)), r'num_groups=\) must be a whole number of at least 1. Got \(1, 2\)'),
        (dict(pool_size=0), r'pool_size=\) must be a whole number of at least 1. Got 0'),
        (dict(num_routes=0), r'num_routes=\) must be a whole number of at least 1. Got 0'),
        (dict(num_routes=2.5), r'num_routes=\) must be a whole number of at least 1. Got 2.5'),
        (dict(num_routes=True), r'num_routes=\) must be a whole number of at least 1. Got True'),
        (dict(temperature=0.0), r'temperature=\) must be above 0. Got 0.0'),
        (dict(temperature=float('nan')), r'temperature=\) must be above 0. Got nan'),
        (dict(temperature='hot'), r"temperature=\) must be above 0. Got 'hot'"),
        (dict(init_std=-1), r'init_std=\) must be a finite number of at least 0, or None. Got -1'),
        (dict(init_std=float('nan')), r'init_std=\) must be a finite number of at least 0, or None. Got nan'),
        (dict(init_std='0.1'), r"init_std=\) must be a finite number of at least 0, or None. Got '0.1'"),
        (dict(attention_channels=8), r'attention_channels=\) must be two whole numbers of at least 1, .*Got 8\.'),
        (dict(attention_channels=[8]), r'attention_channels=\) must be two whole numbers of at least 1, .*Got \[8\]'),
        (dict(attention_channels=(8, 0)), r'attention_channels=\) must be two whole .*Got \(8, 0\)'),
        (dict(aggregation='max'), r"aggregation=\) must be 'soft' or 'hard'. Got 'max'"),
    ],
)
def test_bad_parameters_are_named(kwargs, message):
    with pytest.raises(ValueError, match=message):
        SepBN(CHANNELS, **kwargs)


def test_wrong_rank_is_named():
    with pytest.raises(ValueError, match=r'shape \(N, C, H, W\). Got \(5, 8\)'):
        make_layer()(torch.randn(5, CHANNELS))


def test_state_dict_round_trip_keeps_output_and_temperature():
    layer, other = make_layer(temperature=7.0), SepBN(CHANNELS)
    layer(make_input())
    other.load_state_dict(layer.state_dict())
    assert other.temperature == 7
    assert torch.equal(other.eval()(make_input()), layer.eval()(make_input()))


@pytest.mark.parametrize('load', [lambda m, s: m.load_state_dict(s), lambda m, s: load_state_dict(m, s, strict=True)])
def test_a_batch_norm_checkpoint_loads_into_every_route(load):
    source = nn.Sequential(nn.Conv2d(3, CHANNELS, 1), nn.BatchNorm2d(CHANNELS))
    nn.init.normal_(source[1].weight), nn.init.normal_(source[1].bias)
    source(torch.randn(4, 3, 5, 5))
    target = nn.Sequential(nn.Conv2d(3, CHANNELS, 1), make_layer())
    attention = copy.deepcopy(target[1].route_attention.state_dict())
    load(target, source.state_dict())
    x = torch.randn(2, 3, 5, 5)
    torch.testing.assert_close(target.eval()(x), source.eval()(x))
    assert all(torch.equal(v, attention[k]) for k, v in target[1].route_attention.state_dict().items())
    assert target[1].weight.shape == (3, CHANNELS)


def test_deepcopy_is_independent():
    layer = make_layer()
    twin = copy.deepcopy(layer)
    twin.set_temperature(9)
    assert layer.temperature == 2
    assert torch.equal(twin.weight, layer.weight)


def test_sync_batch_norm_conversion_takes_the_statistics_and_leaves_the_routes():
    layer = make_layer()
    layer(make_input())
    expected = copy.deepcopy(layer).eval()(make_input())
    converted = convert_sync_batchnorm(layer)
    assert isinstance(converted, SepBN)
    assert isinstance(converted.norm, nn.SyncBatchNorm)
    assert torch.equal(revert_sync_batchnorm(converted).eval()(make_input()), expected)


def test_norm_eval_uses_running_statistics_while_routes_train():
    layer = make_layer()
    layer(make_input(seed=1))
    layer.norm.eval()
    before = layer.norm.running_mean.clone()
    y = layer(make_input())
    assert torch.equal(layer.norm.running_mean, before)
    torch.testing.assert_close(y, copy.deepcopy(layer).eval()(make_input()))


@pytest.mark.parametrize('training', [True, False])
def test_channels_last(training):
    layer = make_layer().train(training)
    y = copy.deepcopy(layer)(make_input().contiguous(memory_format=torch.channels_last))
    assert y.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(y, layer(make_input()))


def test_attention_is_computed_in_float32_under_amp():
    layer = make_layer()
    half = make_input().bfloat16()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        weights, y = layer.attention(half), layer(half)
    assert weights.dtype == torch.float32
    assert y.dtype == torch.bfloat16
    assert torch.equal(weights, layer.attention(half.float()))


@pytest.mark.parametrize('training', [True, False])
def test_output_keeps_its_dtype_outside_amp(training):
    layer = make_layer().double().train(training)
    assert layer(make_input(torch.float64)).dtype == torch.float64


@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float16, 2e-3), (torch.bfloat16, 2e-2)])
def test_evaluation_in_half_precision_is_as_exact_as_the_dtype_allows(dtype, tolerance):
    """A mean far above the deviation: rounding the folded shift would cost more than rounding input and output."""
    layer = make_layer()
    layer.norm.running_mean.fill_(100.0)
    layer.eval()
    x = (make_input() + 99).to(dtype)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        y = layer(x)
    expected = layer(x.float())
    assert y.dtype == dtype
    torch.testing.assert_close(y.float(), expected, atol=tolerance, rtol=tolerance)


def test_settings_reach_the_parts():
    layer = SepBN(CHANNELS, eps=0.1, momentum=0.5, attention_channels=(3, 5))
    assert (layer.norm.eps, layer.norm.momentum) == (0.1, 0.5)
    assert layer.route_attention.conv.weight.shape == (3, CHANNELS, 1, 1)
    assert layer.route_attention.mlp[1].out_features == 5


def test_defaults_are_those_of_the_documentation():
    """docs/architecture.md: 3 routes, 4 groups, maps of 4 x 4, a convolution to 8 and a hidden layer of 16."""
    layer = SepBN(32)
    shapes = [tuple(parameter.shape) for parameter in layer.route_attention.parameters()]
    assert shapes == [(8, 32, 1, 1), (8,), (16, 8 * 4 * 4), (16,), (3 * 4, 16), (3 * 4,)]
    assert layer.weight.shape == (3, 32)


def test_attention_by_hand():
    """Maximum of each window, convolution, ReLU, linear, ReLU, linear, written out for one sample."""
    layer = make_layer(pool_size=2, temperature=3.0).double()
    x = make_input(torch.float64)
    net = layer.route_attention
    pooled = torch.stack([x[0, :, i : i + 4, j : j + 4].amax((1, 2)) for i in (0, 4) for j in (0, 4)], dim=1)
    hidden = (net.conv.weight[:, :, 0, 0] @ pooled + net.conv.bias[:, None]).clamp(min=0).flatten()
    hidden = (net.mlp[1].weight @ hidden + net.mlp[1].bias).clamp(min=0)
    logits = (net.mlp[3].weight @ hidden + net.mlp[3].bias).view(3, 4)
    exponents = (logits / 3).exp()
    torch.testing.assert_close(layer.attention(x)[0], exponents / exponents.sum(0))


def test_conv_fusion_leaves_it_alone():
    assert_conv_fusion_leaves_alone(make_layer(), CHANNELS)


def test_mmcv_names_it_like_a_batch_norm_and_freezes_it():
    name, layer = build_norm_layer(dict(type='mmsepbn.SepBN', num_routes=2, requires_grad=False), CHANNELS, postfix=1)
    assert name == 'bn1'
    assert layer.num_routes == 2
    assert not any(p.requires_grad for p in layer.parameters())


def test_any_mmpose_backbone_takes_it_and_loads_its_batch_norm_checkpoint():
    config = dict(type='mmpose.ResNet', depth=18)
    plain = MODELS.build(config | dict(norm_cfg=dict(type='BN')))
    separable = MODELS.build(config | dict(norm_cfg=dict(type='mmsepbn.SepBN')))
    plain.eval(), separable.eval()
    for norm in plain.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.normal_(norm.running_mean), nn.init.uniform_(norm.running_var, 0.5, 2), nn.init.normal_(norm.weight)
    load_state_dict(separable, plain.state_dict(), strict=True)
    x = torch.randn(1, 3, 64, 64)
    torch.testing.assert_close(separable(x)[-1], plain(x)[-1], atol=1e-4, rtol=1e-4)


def test_init_std_sets_the_routes_apart():
    layer = SepBN(4096, init_std=0.3)
    assert layer.weight.mean().item() == pytest.approx(1, abs=0.02)
    assert layer.weight.std().item() == pytest.approx(0.3, abs=0.02)
    assert layer.bias.std().item() == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
def test_transforms_of_functions_take_the_layer_in_evaluation(memory_format):
    layer = SepBN(8, temperature=1.0).eval()
    x = torch.randn(5, 3, 8, 8, 8)
    with torch.no_grad():
        expected = torch.stack([layer(some) for some in x])
        assert torch.allclose(torch.func.vmap(layer)(x), expected, atol=1e-5)
        point = x[0].contiguous(memory_format=memory_format)
        step = torch.randn_like(point)
        _, change = torch.func.jvp(layer, (point,), (step,))
    layer, point, step = layer.double(), point.double(), step.double()
    numeric = (layer(point + 1e-6 * step) - layer(point - 1e-6 * step)) / 2e-6
    assert torch.allclose(change.double(), numeric, atol=1e-3)


@pytest.mark.parametrize('training', [True, False])
def test_without_running_statistics_it_normalizes_by_the_batch(training):
    layer, x = make_layer(), make_input()
    layer.norm = nn.BatchNorm2d(CHANNELS, affine=False, track_running_stats=False)
    torch.testing.assert_close(layer.train(training)(x), sum_of_batch_norms(make_layer(), x))
    with torch.no_grad():
        torch.testing.assert_close(layer(x), sum_of_batch_norms(make_layer(), x))


def test_a_batch_norms_missing_statistics_are_reported_and_its_scale_is_read():
    norm = nn.BatchNorm2d(CHANNELS, track_running_stats=False)
    nn.init.normal_(norm.weight), nn.init.normal_(norm.bias)
    with pytest.raises(RuntimeError, match=r'Missing key\(s\) in state_dict: "norm.running_mean", "norm.running_var"'):
        make_layer().load_state_dict(norm.state_dict())
    layer = make_layer()
    layer.norm = nn.BatchNorm2d(CHANNELS, affine=False, track_running_stats=False)
    layer.load_state_dict(norm.state_dict())
    assert torch.equal(layer.weight, norm.weight.expand(layer.num_routes, -1))
    assert torch.equal(layer.bias, norm.bias.expand(layer.num_routes, -1))
