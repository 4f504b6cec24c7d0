import pytest
import torch
from helpers import ROOT
from mmcv.cnn import build_norm_layer
from torch import nn

from benchmarks.method.sepbn_without_softmax import ResidualSepBN, SignedSepBN
from mmsepbn.experiments.table import read_table
from mmsepbn.models.norms import SepBN


def faces(count=5):
    return 3 + 2 * torch.randn(count, 8, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def make(kind, **settings):
    torch.manual_seed(0)
    return kind(8, **settings).double()


def by_hand(layer, x, weights):
    """Every sample, route and channel on its own."""
    mean, variance = x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), unbiased=False)
    y = torch.zeros_like(x)
    for n in range(len(x)):
        for c in range(8):
            normalized = (x[n, c] - mean[c]) / (variance[c] + layer.norm.eps).sqrt()
            for k in range(layer.num_routes):
                y[n, c] += weights[n, k, c // 2] * (layer.weight[k, c] * normalized + layer.bias[k, c])
    return y


def test_the_residual_form_starts_as_the_batch_norm_of_its_first_route():
    layer, norm = make(ResidualSepBN), nn.BatchNorm2d(8).double()
    norm.weight.data, norm.bias.data = layer.weight[0].detach().clone(), layer.bias[0].detach().clone()
    assert norm.weight.std() > 0.05
    torch.testing.assert_close(layer(faces()), norm(faces()))


def test_the_residual_form_adds_the_other_routes_by_sigmoids_of_the_logits():
    layer, x = make(ResidualSepBN, temperature=2.0), faces()
    nn.init.normal_(layer.weight)
    logits = layer.route_attention(x)
    weights = 1 / (1 + torch.exp(-logits / 2))
    weights[:, 0] = 1
    torch.testing.assert_close(layer(x), by_hand(layer, x, weights))


def test_differences_and_their_weights_learn_from_zero():
    layer, x = make(ResidualSepBN, temperature=1.0), faces()
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(2):  # the attention has a gradient once the differences have left zero
        optimizer.zero_grad()
        layer(x).pow(3).sum().backward()
        optimizer.step()
    assert layer.weight[1:].abs().min() > 0
    assert layer.route_attention.mlp[-1].weight.grad.abs().max() > 0


@pytest.mark.parametrize('temperature', [1.0, 4.0])
def test_signed_weights_move_from_equal_ones_to_normalized_logits(temperature):
    layer, x = make(SignedSepBN, temperature=temperature), faces()
    logits = layer.route_attention(x)
    weights = torch.empty_like(logits)
    for n in range(len(x)):
        for g in range(4):
            signed = logits[n, :, g] / sum(abs(z) for z in logits[n, :, g])
            weights[n, :, g] = signed / temperature + (1 - 1 / temperature) / 3
    assert (weights < 0).any() == (temperature == 1)
    torch.testing.assert_close(layer(x), by_hand(layer, x, weights))


def test_logits_of_zero_give_no_nan():
    layer = make(SignedSepBN, temperature=1.0)
    nn.init.zeros_(layer.route_attention.mlp[-1].weight)
    nn.init.zeros_(layer.route_attention.mlp[-1].bias)
    layer(faces()).sum().backward()
    assert all(p.grad.isfinite().all() for p in layer.parameters())


@pytest.mark.parametrize('kind', [ResidualSepBN, SignedSepBN])
def test_parameters_are_those_of_sepbn_and_one_route_is_a_batch_norm(kind):
    shapes = [{name: value.shape for name, value in make(each).state_dict().items()} for each in (SepBN, kind)]
    assert shapes[0] == shapes[1]
    torch.testing.assert_close(make(kind, num_routes=1)(faces()), nn.BatchNorm2d(8).double()(faces()))


def test_the_table_of_other_norms_builds_them():
    table = read_table(ROOT / 'benchmarks' / 'method' / 'tables' / 'real_norms.py')
    options = {row.name: row.steps[0].options['model.backbone.norm_cfg'] for row in table.rows[1:]}
    for row, kind in (('SepBN, residual', ResidualSepBN), ('SepBN, signed weights', SignedSepBN)):
        assert dict(options[row]) == {**options['SepBN'], 'type': f'{kind.__module__}.{kind.__name__}'}
        config = {key: value for key, value in options[row].items() if key != '_delete_'}
        assert type(build_norm_layer(config, 8, postfix=1)[1]) is kind
