"""torch.fx, which MMEngine's ``efficient_conv_bn_eval`` and quantization tools trace networks with."""

import pytest
import torch
from mmengine.model.efficient_conv_bn_eval import turn_on_efficient_conv_bn_eval
from torch import fx, nn
from torch.ao.quantization import get_default_qat_qconfig_mapping, get_default_qconfig_mapping
from torch.ao.quantization.fx.custom_config import PrepareCustomConfig
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx, prepare_qat_fx

from mmsepbn.models import BruteForceSepBN, SepBN, VanillaCNN

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


@pytest.mark.filterwarnings('ignore')  # of torch, about its own deprecations
def test_quantization_in_and_after_training_leaves_the_layer_as_the_docs_say():
    engine = torch.backends.quantized.engine
    custom = PrepareCustomConfig().set_non_traceable_module_classes([SepBN])
    for prepare, mapping, training, custom_config in (
        (prepare_qat_fx, get_default_qat_qconfig_mapping(engine), True, custom),
        (prepare_fx, get_default_qconfig_mapping(engine), False, None),
    ):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Conv2d(3, 8, 3), SepBN(8, temperature=1.0), nn.ReLU(), nn.Conv2d(8, 4, 1))
        prepared = prepare(network.train(training), mapping, (images(),), prepare_custom_config=custom_config)
        for _ in range(20):
            prepared(images())
        quantized = convert_fx(prepared.eval())
        assert [type(module) for module in quantized.modules() if isinstance(module, SepBN)] == [SepBN]
        torch.testing.assert_close(quantized(images()), network.eval()(images()), atol=0.1, rtol=0.1)
