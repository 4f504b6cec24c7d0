from unittest.mock import Mock, call

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.speed.layers import NORMS, KBatchNorms, Setting, layer_call
from benchmarks.speed.measure import compare, interleaved, peak_memory

CPU = torch.device('cpu')
SHAPE = (2, 8, 8, 8)


def test_calls_take_turns_in_an_order_that_turns_around():
    seen = []
    times = interleaved({name: lambda name=name: seen.append(name) for name in 'ab'}, CPU, seconds=0.0, least=4)
    assert ''.join(seen) == 'ab' + 'ba' + 'ab' + 'ba' + 'ab'
    assert {name: len(each) for name, each in times.items()} == dict(a=4, b=4)
    assert min(min(each) for each in times.values()) > 0


def test_memory_is_the_most_that_is_held_at_once():
    kept = []

    def call():
        first = torch.empty(1000, dtype=torch.float32)
        second = torch.empty(2000, dtype=torch.float32)
        del first
        kept[:] = [torch.empty(500, dtype=torch.float32)]
        del second

    assert peak_memory(call, CPU) == 4 * 3000


def test_k_batch_norms_are_the_layer_that_they_are_compared_with():
    """With one set of statistics for all and the layer's scales and shifts."""
    torch.manual_seed(0)
    naive, x = KBatchNorms(8), torch.randn(SHAPE)
    for norm, scale, shift in zip(naive.norms, naive.layer.weight, naive.layer.bias, strict=True):
        norm.weight.data, norm.bias.data = scale.detach(), shift.detach()
    torch.testing.assert_close(naive(x), naive.layer(x))


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('setting', [Setting(), Setting(half=True, channels_last=True)], ids=lambda each: each.name)
def test_every_layer_is_compared_with_batch_norm(setting, training):
    shape = 4, 8, 32, 32  # maps larger than what the attention needs
    calls = {name: layer_call(make, shape, training, CPU, setting) for name, make in NORMS.items()}
    row = compare(calls, CPU, seconds=0.0)
    assert row['ratios']['BN'] == 1
    assert {*row['milliseconds']} == {*row['ratios']} == {*row['memory']} == {*NORMS}
    output = np.prod(shape) * (2 if setting.half else 4)
    assert row['memory']['BN'] >= output * (2 if training else 1)  # and the input's gradient
    assert row['memory']['K BatchNorms'] > row['memory']['SepBN']


def test_a_training_call_computes_the_gradients_of_input_and_parameters():
    asked = []

    class Layer(nn.BatchNorm2d):
        def forward(self, x):
            asked.extend((x, *self.parameters()))
            for tensor in asked:
                tensor.register_hook(lambda gradient: asked.append(gradient) or None)
            return super().forward(x)

    layer_call(Layer, SHAPE, True, CPU, Setting())()
    assert len(asked) == 6


def test_a_device_that_does_not_count_its_memory_has_no_figures_of_it(monkeypatch):
    """Such as mps; it is waited for before and after each call."""
    mps = torch.device('mps')
    monkeypatch.setattr(torch, 'get_device_module', lambda device: object())
    monkeypatch.setattr(torch.accelerator, 'synchronize', waited := Mock())
    row = compare(dict(BN=lambda: None), mps, seconds=0.0)
    assert row['memory'] == {}
    assert row['ratios'] == dict(BN=1)
    assert waited.call_args_list == [call(mps)] * 8
