import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mmsepbn.models.norms.pool_to_square import pool_to_square


@pytest.mark.parametrize('size', [(8, 8), (12, 4), (32, 28), (36, 40), (4, 4), (6, 9), (2, 2), (1, 5)])
@pytest.mark.parametrize('needs_grad', [True, False])
@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
def test_pooling_equals_adaptive_max_pooling(size, needs_grad, memory_format):
    x = torch.randn(2, 3, *size).contiguous(memory_format=memory_format)
    x[0, 0, 0, 0] = torch.nan
    expected = F.adaptive_max_pool2d(x, 4)
    assert torch.equal(pool_to_square(x.requires_grad_(needs_grad), 4).nan_to_num(99), expected.nan_to_num(99))


class Pool(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size, self.gain = size, nn.Parameter(torch.ones(()))

    def forward(self, x):
        return pool_to_square(x * self.gain, self.size)


SIZES = [(8, 8), (7, 7), (6, 9), (4, 4), (1, 5), (3, 2)]


@pytest.mark.parametrize('pooled', [1, 3, 4])
@pytest.mark.parametrize('size', SIZES)
def test_exported_pooling_equals_adaptive_max_pooling(size, pooled):
    example = torch.randn(2, 3, *size)
    program = torch.export.export(Pool(pooled), (example,), dynamic_shapes=({0: torch.export.Dim('n')},))
    assert not any('max_pool' in str(node.target) for node in program.graph.nodes)
    traced = torch.jit.trace(Pool(pooled), example)
    x = torch.randn(5, 3, *size)
    x[0, 0, 0, 0] = torch.nan
    for exported in (program.module(), traced):
        assert torch.equal(exported(x).nan_to_num(99), F.adaptive_max_pool2d(x, pooled).nan_to_num(99))


def test_exported_pooling_takes_other_heights_and_widths():
    """A trace takes any; torch.export itself those of the kind it was shown, and suggests ``4 * _h`` otherwise."""
    dims = {2: 4 * torch.export.Dim('_h', min=1), 3: 4 * torch.export.Dim('_w', min=1)}
    example = torch.randn(2, 3, 8, 8)
    program = torch.export.export(Pool(4), (example,), dynamic_shapes=(dims,))
    traced = torch.jit.trace(Pool(4), example)
    for size in [*SIZES, (12, 20)]:
        x = torch.randn(2, 3, *size)
        expected = F.adaptive_max_pool2d(x, 4)
        assert torch.equal(traced(x), expected)
        if size in ((8, 8), (12, 20)):
            assert torch.equal(program.module()(x), expected)


def test_deterministic_pooling_of_uneven_windows_uses_no_kernel_that_is_not(monkeypatch):
    x = torch.randn(2, 3, 7, 10, requires_grad=True)
    expected, dy = F.adaptive_max_pool2d(x, 4), torch.randn(2, 3, 4, 4)
    monkeypatch.setattr(torch, 'are_deterministic_algorithms_enabled', lambda: True)
    monkeypatch.setattr(F, 'adaptive_max_pool2d', None)
    pooled = pool_to_square(x, 4)
    assert torch.equal(pooled, expected)
    torch.testing.assert_close(torch.autograd.grad(pooled, x, dy), torch.autograd.grad(expected, x, dy))


def test_pooling_gradient_goes_to_the_maximum():
    x = torch.tensor([[[[1.0, 5.0], [2.0, 3.0]]]], requires_grad=True)
    pool_to_square(x, 1).sum().backward()
    assert x.grad.tolist() == [[[[0.0, 1.0], [0.0, 0.0]]]]
