import copy

import pytest
import torch
from torch import nn

from mmsepbn.models import SepBN
from mmsepbn.models.norms.functional import map_channels
from mmsepbn.models.norms.normalize_and_map import can_fuse, normalize_and_map

SHAPE = (5, 4, 6, 3)


def make_inputs(shape=SHAPE, dtype=torch.float64):
    """x, gamma, beta, and a gradient of the output."""
    generator = torch.Generator().manual_seed(0)
    x, dy = (torch.randn(shape, dtype=dtype, generator=generator) for _ in range(2))
    gamma, beta = (torch.randn(shape[:2], dtype=dtype, generator=generator) for _ in range(2))
    return (3 * x + 2).requires_grad_(), gamma.requires_grad_(), beta.requires_grad_(), dy


def make_norm(dtype=torch.float64, **kwargs):
    return nn.BatchNorm2d(SHAPE[1], affine=False, dtype=dtype, **kwargs)


def two_functions(x, gamma, beta, norm):
    return map_channels(norm(x), gamma, beta)


@pytest.mark.parametrize('channels_last', [False, True])
@pytest.mark.parametrize(
    'settings', [{}, dict(momentum=None), dict(momentum=0.3, eps=0.5), dict(track_running_stats=False)]
)
def test_it_equals_batch_norm_and_the_map_one_after_the_other(settings, channels_last):
    results = []
    for function in (normalize_and_map, two_functions):
        x, gamma, beta, dy = make_inputs()
        if channels_last:
            x, dy = (t.detach().to(memory_format=torch.channels_last) for t in (x, dy))
            x.requires_grad_()
        norm = make_norm(**settings)
        outputs = [function(x, gamma, beta, norm) for _ in range(3)]  # statistics move three times
        gradients = torch.autograd.grad(outputs[-1], (x, gamma, beta), dy)
        results.append([*outputs, *gradients, *norm.buffers()])
    for ours, expected in zip(*results, strict=True):
        torch.testing.assert_close(ours, expected)
        assert ours.stride() == expected.stride()


def test_first_and_second_derivatives():
    *inputs, _ = make_inputs((3, 4, 2, 3))
    norm = make_norm()
    assert can_fuse(inputs[0], inputs[1], norm)
    assert torch.autograd.gradcheck(lambda *tensors: normalize_and_map(*tensors, norm), inputs)
    assert torch.autograd.gradgradcheck(lambda *tensors: normalize_and_map(*tensors, norm), inputs)


@pytest.mark.parametrize('eps', [1e-5, 0.5])
def test_gradients_of_which_more_are_wanted_are_the_same(eps):
    results = []
    for function in (normalize_and_map, two_functions):
        *inputs, dy = make_inputs()
        first = torch.autograd.grad(function(*inputs, make_norm(eps=eps)), inputs, dy, create_graph=True)
        results.append([*first, *torch.autograd.grad(first[0].square().sum(), inputs[:2])])
    torch.testing.assert_close(*results)


@pytest.mark.parametrize('strides', ['expanded', 'channels_last', 'transposed'])
def test_gradients_that_lie_otherwise_in_memory(strides):
    x, gamma, beta, dy = make_inputs((3, 4, 5, 5))
    dy = dict(
        expanded=dy[:1, :, :1, :1].expand_as(dy),
        channels_last=dy.to(memory_format=torch.channels_last),
        transposed=dy.transpose(2, 3),
    )[strides]
    ours, expected = (
        torch.autograd.grad(function(x, gamma, beta, make_norm()), (x, gamma, beta), dy)
        for function in (normalize_and_map, two_functions)
    )
    torch.testing.assert_close(ours, expected)


def test_a_mean_far_from_zero_costs_as_little_precision_as_in_batch_norm():
    x, _, _, dy = (t.detach().float() for t in make_inputs((8, 4, 16, 16)))
    x = (x + 300).requires_grad_()
    norm = nn.BatchNorm2d(4)
    expected = torch.autograd.grad(norm.double()(x.double()), x, dy)[0]
    ones, zeros = torch.ones(8, 4, requires_grad=True), torch.zeros(8, 4)
    ours = torch.autograd.grad(normalize_and_map(x, ones, zeros, make_norm(torch.float32)), x, dy)[0]
    theirs = torch.autograd.grad(norm.float()(x), x, dy)[0]
    assert (ours - expected).abs().max() <= 4 * (theirs - expected).abs().max()


def test_only_some_inputs_want_gradients():
    x, gamma, beta, dy = make_inputs()
    expected = torch.autograd.grad(two_functions(x, gamma, beta, make_norm()), beta, dy)
    output = normalize_and_map(x.detach(), gamma.detach(), beta, make_norm())
    torch.testing.assert_close(torch.autograd.grad(output, beta, dy), expected)


def test_it_keeps_as_much_as_batch_norm_for_the_backward_pass():
    def kept(function, *inputs):
        sizes = {}
        with torch.autograd.graph.saved_tensors_hooks(
            lambda t: sizes.setdefault(t.data_ptr(), t) is None or t, lambda t: t
        ):
            function(*inputs)
        return sum(t.untyped_storage().nbytes() for t in sizes.values() if t.numel() >= 10_000)

    x, gamma, beta, _ = make_inputs((8, 4, 32, 32))
    map_size = x.untyped_storage().nbytes()
    assert kept(nn.BatchNorm2d(4, dtype=x.dtype), x) == map_size
    assert kept(normalize_and_map, x, gamma, beta, make_norm()) == map_size
    assert kept(two_functions, x, gamma, beta, make_norm()) == 2 * map_size
    inputs = x.half(), gamma.float(), beta.float(), make_norm(torch.float32)
    assert kept(normalize_and_map, *inputs) == map_size / 4


def test_one_value_a_channel_and_no_value_end_as_in_batch_norm():
    x, gamma, beta, _ = make_inputs((1, 4, 1, 1))
    with pytest.raises(ValueError, match='Expected more than 1 value per channel'):
        normalize_and_map(x, gamma, beta, make_norm())
    x, gamma, beta, _ = make_inputs((0, 4, 2, 2))
    norm, reference = make_norm(), make_norm()
    assert normalize_and_map(x, gamma, beta, norm).shape == reference(x).shape
    torch.testing.assert_close(list(norm.buffers()), list(reference.buffers()))


def test_channels_that_are_not_the_norms_are_refused_and_statistics_kept():
    x, gamma, beta, _ = make_inputs((2, 8, 3, 3))
    memory = torch.full((8,), 7.0, dtype=x.dtype)
    norm = make_norm()
    norm.running_mean = memory[:4]
    with pytest.raises(RuntimeError, match='running_mean should contain 8 elements'):
        normalize_and_map(x, gamma, beta, norm)
    assert (memory == 7).all()


def test_statistics_that_are_switched_off_stay_as_they_are():
    norm = make_norm()
    norm.track_running_stats = False
    normalize_and_map(*make_inputs()[:3], norm)
    assert not norm.running_mean.any()
    assert norm.num_batches_tracked == 0


def test_hooks_of_the_norm_are_called():
    norm, seen = make_norm(), []
    norm.register_forward_hook(lambda *_: seen.append(1))
    normalize_and_map(*make_inputs()[:3], norm)
    assert seen == [1]


def test_transforms_of_functions_and_forward_derivatives_work():
    x, gamma, beta, dy = make_inputs()

    def loss(x):
        return (normalize_and_map(x, gamma.detach(), beta.detach(), make_norm(track_running_stats=False)) * dy).sum()

    expected = torch.autograd.grad(loss(x), x)[0]
    torch.testing.assert_close(torch.func.grad(loss)(x.detach()), expected)
    _, change = torch.func.jvp(loss, (x.detach(),), (dy,))
    torch.testing.assert_close(change, (expected * dy).sum())


def test_other_norms_and_whole_networks_in_half_precision_take_two_functions():
    x, gamma, *_ = make_inputs(dtype=torch.float32)
    assert can_fuse(x.half(), gamma, make_norm(torch.float32))
    assert not can_fuse(x.half(), gamma.half(), make_norm(torch.float32))
    assert not can_fuse(x, gamma, nn.SyncBatchNorm(4, affine=False))


@pytest.mark.parametrize('channels_last', [False, True])
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
@pytest.mark.parametrize('create_graph', [False, True])
def test_half_precision_is_rounded_once(create_graph, dtype, channels_last):
    x, gamma, beta, dy = (t.detach() for t in make_inputs((6, 4, 8, 8)))
    x, dy = (t.to(dtype) for t in (x + 50, 300 * dy))  # sums of x dy are beyond float16
    if channels_last:
        x, dy = (t.to(memory_format=torch.channels_last) for t in (x, dy))
    found, expected = [], []
    for results, full in ((found, torch.float32), (expected, torch.float64)):
        inputs = [
            t.detach().requires_grad_()
            for t in (x if full is torch.float32 else x.double(), *(t.to(full) for t in (gamma, beta)))
        ]
        norm = make_norm(full)
        output = normalize_and_map(*inputs, norm)
        results += [
            output,
            *torch.autograd.grad(output, inputs, dy.to(output.dtype), create_graph=create_graph),
            *norm.buffers(),
        ]
    assert [t.dtype for t in found[:4]] == [dtype, dtype, torch.float32, torch.float32]
    for ours, exact in zip(found[:2], expected[:2], strict=True):
        # Half a unit in the last place, and float32's own rounding before.
        torch.testing.assert_close(ours.double(), exact, rtol=1.01 * torch.finfo(dtype).eps / 2, atol=1e-3)
    for ours, exact in zip(found[2:], expected[2:], strict=True):
        torch.testing.assert_close(ours.double(), exact.double(), rtol=1e-4, atol=1e-2)


@pytest.mark.slow
def test_a_network_compiles_in_one_graph():
    torch.manual_seed(0)
    layer = SepBN(SHAPE[1], num_groups=2)
    compiled = torch.compile(copy.deepcopy(layer), fullgraph=True, backend='aot_eager')
    x, _, _, dy = make_inputs(dtype=torch.float32)
    expected, found = layer(x), compiled(x)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.autograd.grad(found, x, dy), torch.autograd.grad(expected, x, dy))
