"""What holds for every norm that has sets of scale and shift."""

import pytest
import torch
from torch import nn

from mmsepbn.models import AttentiveNorm, BruteForceSepBN, SepBN, SimpleSepBN


@pytest.mark.parametrize('kind', [AttentiveNorm, BruteForceSepBN, SimpleSepBN])
def test_eps_and_momentum_reach_the_norms_inside(kind):
    layer = kind(8, eps=0.1, momentum=0.5)
    inner = [norm for norm in layer.modules() if isinstance(norm, nn.BatchNorm2d)]
    assert {(norm.eps, norm.momentum) for norm in inner} == {(0.1, 0.5)}


@pytest.mark.parametrize('kind', [SepBN, SimpleSepBN, AttentiveNorm])
def test_routes_start_a_tenth_apart(kind):
    torch.manual_seed(0)
    layer = kind(4096)
    for values, mean in ((layer.weight, 1.0), (layer.bias, 0.0)):
        assert values.mean().item() == pytest.approx(mean, abs=0.01)
        assert values.std().item() == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize('kind', [AttentiveNorm, SimpleSepBN])
def test_scale_and_shift_are_mixed_in_float32_under_amp(kind):
    torch.manual_seed(0)
    layer = kind(8)
    layer.perturb_routes()
    x = torch.randn(6, 8, 4, 4)
    layer(x)
    layer.eval()
    expected = layer(x)
    with torch.autocast('cpu', torch.bfloat16):
        found, weights = layer(x), layer.attention(x)
    assert found.dtype == weights.dtype == torch.float32
    torch.testing.assert_close(weights, layer.attention(x))
    torch.testing.assert_close(found, expected)
