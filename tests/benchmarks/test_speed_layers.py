import copy

import torch
from torch import nn

from benchmarks.speed.layers import BatchNormSE


def make():
    torch.manual_seed(0)
    return BatchNormSE(32)


def maps():
    return torch.randn(4, 32, 5, 5, generator=torch.Generator().manual_seed(1))


def test_batch_norm_se_gates_each_channel_of_a_batch_norm():
    layer, x = make(), maps()
    y, expected = layer(x), torch.empty_like(x)
    normalized = nn.BatchNorm2d(32)(x)
    first, second = layer.excitation.fc1, layer.excitation.fc2
    for n in range(4):
        means = torch.stack([normalized[n, c].mean() for c in range(32)])
        hidden = (first.weight[:, :, 0, 0] @ means + first.bias).clamp(min=0)
        gates = 1 / (1 + torch.exp(-(second.weight[:, :, 0, 0] @ hidden + second.bias)))
        expected[n] = normalized[n] * gates[:, None, None]
    assert first.out_channels == 2
    torch.testing.assert_close(y, expected)


def test_it_starts_near_the_batch_norm_whose_checkpoint_it_loads():
    layer, norm = make(), nn.BatchNorm2d(32)
    nn.init.normal_(norm.weight, 1.0, 0.5)
    nn.init.normal_(norm.bias)
    norm(maps() + 1)
    fresh = copy.deepcopy(layer.excitation.state_dict())
    layer.load_state_dict(norm.state_dict())
    assert all(torch.equal(value, fresh[name]) for name, value in layer.excitation.state_dict().items())
    y, expected = layer.eval()(maps()), norm.eval()(maps())
    ratios = (y / expected).flatten(2).mean(dim=2)  # twice a gate
    assert 0.8 < ratios.mean() < 1.2


def test_it_loads_its_own_checkpoint_as_it_is():
    layer, other = make(), BatchNormSE(32)
    nn.init.normal_(layer.weight)
    other.load_state_dict(layer.state_dict())
    torch.testing.assert_close(other.eval()(maps()), layer.eval()(maps()), rtol=0, atol=0)
