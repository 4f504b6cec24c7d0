"""Max pooling whose gradient is added in place, against torch's pooling beside another use of the map."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmsepbn.models import SepBN
from mmsepbn.models.norms import sepbn
from mmsepbn.models.norms.pool_sparse_grad import pool_sparse_grad

SHAPES = [(2, 3, 8, 8), (2, 3, 12, 4), (1, 8, 4, 16)]


def loss_of(x, pooled):
    """A new gradient for x, and another one for the maxima."""
    return (x.square() * 0.5).sum() + (pooled**3).sum()


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('shape', SHAPES)
def test_gradients_are_those_of_both_uses(shape, memory_format):
    x = torch.randn(shape).to(memory_format=memory_format).requires_grad_()
    same, pooled = pool_sparse_grad(x, 4)
    assert torch.equal(same, x)
    expected = F.adaptive_max_pool2d(x, 4)
    assert torch.equal(pooled, expected)
    (found,) = torch.autograd.grad(loss_of(same, pooled), x)
    (wanted,) = torch.autograd.grad(loss_of(x, expected), x)
    torch.testing.assert_close(found, wanted)


def test_among_equal_pixels_the_first_gets_the_gradient():
    x = torch.zeros(1, 1, 4, 4, requires_grad=True)
    same, pooled = pool_sparse_grad(x, 2)
    (found,) = torch.autograd.grad((same * 0).sum() + pooled.sum(), x)
    assert found[0, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


def test_second_derivatives():
    x = torch.randn(2, 3, 8, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: loss_of(*pool_sparse_grad(x, 4)), x)


@pytest.mark.parametrize('used', [0, 1])
def test_one_of_the_results_alone(used):
    x = torch.randn(1, 2, 8, 8, requires_grad=True)
    (found,) = torch.autograd.grad(pool_sparse_grad(x, 4)[used].square().sum(), x)
    (wanted,) = torch.autograd.grad((x, F.max_pool2d(x, 2))[used].square().sum(), x)
    torch.testing.assert_close(found, wanted)


@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize('aggregation', ['soft', 'hard'])
def test_a_layer_has_the_same_gradients_with_and_without_it(aggregation, memory_format, monkeypatch):
    torch.manual_seed(0)
    layer = SepBN(8, temperature=1.0, aggregation=aggregation)
    net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), layer).to(memory_format=memory_format)
    image, dy = torch.randn(4, 3, 16, 8), torch.randn(4, 8, 16, 8)
    calls = []
    monkeypatch.setattr(sepbn, 'pool_sparse_grad', lambda *a: calls.append(a) or pool_sparse_grad(*a))
    gradients = []
    for _ in range(2):
        net.zero_grad()
        (net(image) * dy).sum().backward()
        gradients.append([p.grad.clone() for p in net.parameters() if p.grad is not None])
        layer.route_attention.register_forward_hook(lambda *_: None)  # who looks at the attention sees its whole input
    assert len(calls) == 1
    for found, wanted in zip(*gradients, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


def test_an_attention_of_ones_own_and_backward_hooks_see_the_whole_map():
    shapes = []

    class Watched(SepBN):
        def attention(self, x):
            shapes.append(x.shape)
            return super().attention(x)

    x = torch.randn(2, 8, 16, 16, requires_grad=True)
    Watched(8)(x)
    assert shapes == [x.shape]
    layer = SepBN(8)
    layer.route_attention.register_full_backward_hook(lambda module, before, after: shapes.append(before[0].shape))
    layer(x).square().sum().backward()
    assert shapes == [x.shape] * 2
