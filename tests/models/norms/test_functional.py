import importlib.util

import pytest
import torch
import torch.nn.functional as F

from mmsepbn.models.norms import eager, functional, pool_to_square
from mmsepbn.models.norms.functional import map_channels, map_normalized, mix_routes, route_weights


def test_soft_weights_at_a_hand_computed_point():
    """Logits 0 and 2 ln 3 at T = 2: weights 1/4 and 3/4."""
    logits = torch.tensor([0.0, 2 * torch.tensor(3.0).log()]).view(1, 2, 1)
    assert torch.allclose(route_weights(logits, 2.0).flatten(), torch.tensor([0.25, 0.75]))


def test_hard_weights_are_the_argmax_and_pass_no_gradient():
    logits = torch.tensor([[[1.0, 0.0], [3.0, -1.0], [2.0, 5.0]]], requires_grad=True)
    weights = route_weights(logits, 30.0, 'hard')
    assert weights.tolist() == [[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]]
    assert not weights.requires_grad


def test_the_first_route_wins_a_tie():
    assert route_weights(torch.tensor([[[1.0], [2.0], [2.0]]]), 1.0, 'hard').flatten().tolist() == [0, 1, 0]


def test_mixing_equals_loops_over_samples_and_channels():
    samples, routes, groups, channels = 3, 2, 4, 8
    weights = torch.rand(samples, routes, groups)
    scale, shift = torch.randn(routes, channels), torch.randn(routes, channels)
    gamma, beta = mix_routes(weights, scale, shift)
    for n in range(samples):
        for c in range(channels):
            g = c // (channels // groups)
            assert gamma[n, c].item() == pytest.approx(
                sum(weights[n, k, g] * scale[k, c] for k in range(routes)).item()
            )
            assert beta[n, c].item() == pytest.approx(sum(weights[n, k, g] * shift[k, c] for k in range(routes)).item())


def normalized_then_mapped(x, gamma, beta, mean, var):
    n, c = gamma.shape
    normalized = (x - mean.view(1, c, 1, 1)) / (var.view(1, c, 1, 1) + 1e-5).sqrt()
    return normalized * gamma.view(n, c, 1, 1) + beta.view(n, c, 1, 1)


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('with_gradients', [True, False])
@pytest.mark.parametrize('samples', [2, 0])
def test_one_pass_equals_normalizing_then_mapping(memory_format, with_gradients, samples):
    x = torch.randn(samples, 5, 3, 3, dtype=torch.float64).contiguous(memory_format=memory_format)
    values = [torch.randn(samples, 5), torch.randn(samples, 5), torch.randn(5), torch.rand(5)]
    inputs = [x, *(value.double() for value in values)]
    for one in inputs[:3]:
        one.requires_grad_()
    expected = normalized_then_mapped(*inputs)
    with torch.set_grad_enabled(with_gradients):
        y = map_normalized(*inputs, eps=1e-5)
    assert torch.allclose(y, expected)
    assert y.is_contiguous(memory_format=memory_format)
    if with_gradients:
        dy = torch.randn_like(expected)
        found, wanted = (torch.autograd.grad(out, inputs[:3], dy) for out in (y, expected))
        assert all(torch.allclose(f, w) for f, w in zip(found, wanted, strict=True))


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('with_gradients', [True, False])
def test_half_precision_is_rounded_once(dtype, memory_format, with_gradients):
    """Far from zero: a mean of 100 and a deviation of 1 fold into a shift of -100, which bfloat16 rounds by 0.25."""
    x = (100 + torch.randn(2, 3, 4, 4)).to(dtype).contiguous(memory_format=memory_format)
    gamma, beta, mean, var = torch.ones(2, 3), torch.randn(2, 3), torch.full((3,), 100.3), torch.ones(3)
    expected = normalized_then_mapped(*(t.double() for t in (x, gamma, beta, mean, var))).to(dtype)
    with torch.set_grad_enabled(with_gradients):
        y = map_normalized(x, gamma, beta, mean, var, 1e-5)
    assert y.dtype == dtype
    assert torch.allclose(y.float(), expected.float(), rtol=2 * torch.finfo(dtype).eps, atol=1e-4)


def test_mapping_keeps_the_dtype_of_the_input():
    x = torch.randn(2, 4, 2, 2, dtype=torch.bfloat16)
    assert map_channels(x, torch.ones(2, 4), torch.zeros(2, 4)).dtype == torch.bfloat16


@pytest.mark.parametrize('missing', [None, 'peek_interpreter_stack', '_current_level'])
def test_without_torchs_private_names_it_computes_the_same(missing, monkeypatch):
    """In a torch that renamed them, what runs eagerly is not known; the way that is right for both is taken."""
    for owner in (torch._C._functorch, torch.autograd.forward_ad):
        if hasattr(owner, missing or ''):
            monkeypatch.delattr(owner, missing)
    spec = importlib.util.spec_from_file_location('copy_of_eager', eager.__file__)
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    assert copy.runs_eagerly() is (missing is None)
    for user in (functional, pool_to_square):
        monkeypatch.setattr(user, 'runs_eagerly', copy.runs_eagerly)
    x, gamma, beta, mean, var = (torch.rand(shape) for shape in ((2, 3, 8, 8), (2, 3), (2, 3), 3, 3))
    with torch.no_grad():
        torch.testing.assert_close(pool_to_square.pool_to_square(x, 4), F.adaptive_max_pool2d(x, 4))
        expected = normalized_then_mapped(x, gamma, beta, mean, var)
        torch.testing.assert_close(map_normalized(x, gamma, beta, mean, var, 1e-5), expected)
