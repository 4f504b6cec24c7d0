"""torch.fx, which MMEngine's ``efficient_conv_bn_eval`` and quantization tools trace networks with."""

import pytest
import torch
from mmengine.model.efficient_conv_bn_eval import turn_on_efficient_conv_bn_eval
from torch import fx, nn

from mmsepbn.models import BruteForceSepBN, VanillaCNN

NORMS = ['BN', 'mmsepbn.SepBN', 'mmsepbn.SimpleSepBN', 'mmsepbn.AttentiveNorm', 'mmsepbn.BruteForceSepBN']


def make_network(norm, training):
    torch.manual_seed(0)
    # The second block keeps its BatchNorm, which the option melts into the convolution.
    network = VanillaCNN(widths=(4, 8), norm_cfg=dict(type=norm), norm_stages=(0,)).train(training)
    for module in network.modules():
        if isinstance(module, BruteForceSepBN):
            module.domains = torch.tensor([0, 1, 2])
    for name, buffer in network.named_buffers():
        if name.endswith('running_var'):
            buffer.uniform_(0.5, 2)
    return network


def images():
    return torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize('norm', NORMS)
@pytest.mark.parametrize('training', [True, False])
def test_a_traced_network_computes_the_same_in_both_modes(norm, training):
    traced = fx.symbolic_trace(make_network(norm, training))
    assert torch.equal(traced(images())[0], make_network(norm, training)(images())[0])


@pytest.mark.parametrize('norm', NORMS)
@pytest.mark.parametrize('training', [True, False])
def test_mmengines_option_computes_the_same_and_reaches_the_other_norms(norm, training):
    network = make_network(norm, training)
    turn_on_efficient_conv_bn_eval(nn.ModuleDict(dict(backbone=network)), ['backbone'])
    called = []
    network.blocks[1].bn.register_forward_hook(lambda *_: called.append(True))
    found, expected = network(images())[0], make_network(norm, training)(images())[0]
    torch.testing.assert_close(found, expected)
    assert bool(called) == training
