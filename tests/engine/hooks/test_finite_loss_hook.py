from types import SimpleNamespace

import pytest
import torch
from torch import nn

from mmsepbn.engine import FiniteLossHook
from mmsepbn.engine.hooks.finite_loss_hook import NonFiniteError


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.ReLU())

    def forward(self, x, mode='loss'):
        return {'loss_kpt': self.second(self.first(x)).mean()}


@pytest.fixture
def watched():
    model = Network()
    hook = FiniteLossHook()
    hook.before_train(SimpleNamespace(model=model, iter=7, epoch=1))
    return model, hook


def test_finite_losses_pass(watched):
    model, _ = watched
    assert torch.isfinite(model(torch.ones(3, 2))['loss_kpt'])


def test_the_first_layer_with_a_non_finite_output_is_named_and_weights_stay(watched):
    model, _ = watched
    nn.init.constant_(model.second[0].weight, 1e38)
    nn.init.eye_(model.first.weight)
    nn.init.zeros_(model.first.bias)
    before = [p.clone() for p in model.parameters()]
    with pytest.raises(NonFiniteError, match=r'iteration 7 .*the output of second.0 \(Linear\), .* at most 1e\+03'):
        model(torch.full((3, 2), 1000.0))
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_parameter_that_an_update_ruined_comes_first(watched):
    model, _ = watched
    model.second[0].bias.data[1] = float('inf')
    with pytest.raises(NonFiniteError, match=r'the parameter second.0.bias, so the update before'):
        model(torch.ones(3, 2))


def test_a_loss_that_arises_outside_of_layers_is_named_so(watched):
    model, _ = watched
    model.forward = lambda x: {'loss_kpt': model.first(x).sum() / 0}
    with pytest.raises(NonFiniteError, match=r'First: the output of the model \(Network\)'):
        model(torch.ones(3, 2))


def test_a_layer_that_only_passes_on_what_arose_between_layers_is_not_blamed(watched):
    model, _ = watched
    model.forward = lambda x: {'loss_kpt': model.second(model.first(x) / 0).mean()}
    with pytest.raises(NonFiniteError, match=r'First: the output of the model \(Network\)'):
        model(torch.ones(3, 2))


def test_evaluation_and_the_time_after_training_are_not_watched(watched):
    model, hook = watched
    bad = torch.full((1, 2), float('nan'))
    with torch.no_grad():
        model(bad)
    hook.after_train(SimpleNamespace())
    model(bad)
