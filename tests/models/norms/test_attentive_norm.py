import pytest
import torch
from torch import nn

from mmsepbn.models import AttentiveNorm


@pytest.mark.parametrize('training', [True, False])
def test_it_equals_the_weighted_sum_of_batch_norms(training):
    torch.manual_seed(0)
    layer = AttentiveNorm(6, num_components=4).train(training)
    x = torch.randn(5, 6, 4, 4) + torch.randn(5, 6, 1, 1)
    fc, norm, _ = layer.weigh
    relative = x.mean((2, 3)) / (x.std((2, 3), unbiased=False) ** 2 + 1e-3).sqrt()
    scores = relative @ fc.weight.T
    mean, var = (scores.mean(0), scores.var(0, unbiased=False)) if training else (norm.running_mean, norm.running_var)
    weights = ((scores - mean) / (var + norm.eps).sqrt() / 6 + 0.5).clamp(0, 1)
    expected = 0
    for k in range(4):
        single = nn.BatchNorm2d(6).train(training)
        single.weight.data, single.bias.data = layer.weight[k].detach(), layer.bias[k].detach()
        expected = expected + weights[:, k, None, None, None] * single(x)
    torch.testing.assert_close(layer(x), expected)


def test_a_batch_norm_is_taken_over():
    """With every weight at a half, the sets together map as the BatchNorm did."""
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(6)
    nn.init.normal_(norm.weight), nn.init.normal_(norm.bias)
    norm(torch.randn(9, 6, 3, 3) * 3 + 1)
    layer = AttentiveNorm(6, num_components=4)
    layer.load_state_dict(norm.state_dict(), strict=True)
    nn.init.zeros_(layer.weigh[0].weight)
    x = torch.randn(2, 6, 3, 3)
    torch.testing.assert_close(layer.eval()(x), norm.eval()(x))
    layer.perturb_routes()
    torch.testing.assert_close(layer(x), norm(x))
    assert layer.weight.std(0).min() > 0


def test_maps_of_one_pixel_and_constant_ones_are_finite():
    layer = AttentiveNorm(6)
    assert layer(torch.randn(4, 6, 1, 1)).isfinite().all()
    assert layer(torch.ones(4, 6, 3, 3)).isfinite().all()


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r'num_components=\) must be at least 1. Got 0'):
        AttentiveNorm(6, num_components=0)
    with pytest.raises(ValueError, match=r'at least 2 samples in training. Got 1'):
        AttentiveNorm(6)(torch.randn(1, 6, 4, 4))
