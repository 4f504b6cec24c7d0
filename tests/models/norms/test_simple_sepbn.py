import pytest
import torch
import torch.nn.functional as F

from mmsepbn.models import SepBN, SimpleSepBN


def test_attention_by_hand():
    torch.manual_seed(0)
    layer = SimpleSepBN(8, num_routes=3, reduction=2, temperature=2.0)
    x = torch.randn(5, 8, 6, 4)
    squeeze, excite = layer.route_attention.squeeze, layer.route_attention.excite
    hidden = F.relu(x.mean((2, 3)) @ squeeze.weight.T + squeeze.bias)
    logits = torch.sigmoid(hidden @ excite.weight.T + excite.bias)
    expected = torch.exp(logits / 2)
    expected = expected / expected.sum(1, keepdim=True)
    assert squeeze.weight.shape == (4, 8)
    torch.testing.assert_close(layer.attention(x), expected[:, :, None])


def test_every_channel_takes_the_same_mixture_of_routes():
    torch.manual_seed(0)
    layer = SimpleSepBN(8, init_std=0.5, temperature=1.0)
    x = torch.randn(5, 8, 6, 4)
    weights = layer.attention(x)[..., 0]
    assert weights.std(0).min() > 0
    gamma, beta = weights @ layer.weight, weights @ layer.bias
    centred = (x - x.mean((0, 2, 3), keepdim=True)) / (x.var((0, 2, 3), unbiased=False, keepdim=True) + 1e-5).sqrt()
    torch.testing.assert_close(layer(x), gamma[..., None, None] * centred + beta[..., None, None])


def test_it_anneals_and_loads_as_a_sepbn():
    layer = SimpleSepBN(8)
    assert isinstance(layer, SepBN)
    layer.load_state_dict(torch.nn.BatchNorm2d(8).state_dict(), strict=True)
    assert torch.equal(layer.weight, torch.ones(3, 8))


def test_bad_reduction_is_named():
    with pytest.raises(ValueError, match=r'SimpleSepBN\(reduction=\) must be at least 1. Got 0'):
        SimpleSepBN(8, reduction=0)
