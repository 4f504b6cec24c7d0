"""Whole networks on a GPU compute what they do on the CPU, in every precision and memory format."""

import copy

import pytest
import torch
from helpers import NORMS, data_sample
from mmengine.registry import MODELS
from torch import nn

from benchmarks.speed.networks import NETWORKS, network_config
from mmsepbn.engine.non_finite import first_non_finite
from mmsepbn.protocols import get_protocol

pytestmark = pytest.mark.gpu

FACES = ('wflw', 'cofw', 'wflw', '300w')
HALF = {torch.bfloat16: 0.5, torch.float16: 0.25}  # how far gradients of narrow networks move; those of BN as far


def make_network(name='Vanilla CNN', norm='SepBN', widths=(8, 16, 16, 16, 16, 16)):
    """A network with a branch for each protocol; Vanilla CNN is narrow."""
    config = network_config(NETWORKS[name], NORMS.get(norm))
    config.head.protocols = list(dict.fromkeys(FACES))
    if name == 'Vanilla CNN':
        config.backbone.widths = widths
        config.head.branch.update(in_channels=widths[-1], hidden_channels=(16,))
    torch.manual_seed(0)
    network = MODELS.build(config)
    network.init_weights()
    for branch in network.head.branches.values():
        nn.init.normal_(branch.fc.weight, std=0.05)  # so that gradients reach the backbone
    return network


def make_batch(device, faces=FACES):
    """Crops and what is known of the faces, of several protocols."""
    generator = torch.Generator().manual_seed(1)
    crops = torch.randn(len(faces), 3, 128, 128, generator=generator)
    samples = [
        data_sample(torch.rand(get_protocol(name).num_landmarks, 2, generator=generator) * 128, protocol=name)
        for name in faces
    ]
    return crops.to(device), [sample.to(device) for sample in samples]


def losses_and_gradients(network, device, **autocast):
    crops, samples = make_batch(device)
    crops = crops.to(next(network.parameters()).dtype)
    with torch.autocast(device.type, enabled=bool(autocast), **autocast):
        losses = network.train()(crops, samples, mode='loss')
    loss = sum(losses.values())
    loss.backward()
    return loss.detach().cpu(), {name: p.grad.cpu() for name, p in network.named_parameters() if p.grad is not None}


def assert_near(gradients, expected, tolerance):
    """All gradients taken together point the same way and have the same size."""
    assert gradients.keys() == expected.keys()
    ours, theirs = (torch.cat([each[name].double().flatten() for name in expected]) for each in (gradients, expected))
    assert theirs.norm() > 0
    difference = (ours - theirs).norm() / theirs.norm()
    assert difference < tolerance


@pytest.mark.parametrize(
    ('name', 'norm'),
    [
        *(('Vanilla CNN', norm) for norm in NORMS),
        *(pytest.param(name, 'standard', marks=pytest.mark.slow) for name in ('MobileNetV2', 'ResNeXt-50')),
    ],
)
def test_losses_and_gradients_are_the_cpus(name, norm, device, exact):
    network = make_network(name, norm)
    expected_loss, expected = losses_and_gradients(copy.deepcopy(network).double(), torch.device('cpu'))
    loss, gradients = losses_and_gradients(network.to(device), device)
    torch.testing.assert_close(loss.double(), expected_loss, rtol=1e-4, atol=0)
    assert_near(gradients, expected, 2e-2)


@pytest.mark.parametrize('norm', NORMS)
@pytest.mark.parametrize(('dtype', 'tolerance'), HALF.items(), ids=str)
def test_mixed_precision_changes_rounding_alone(dtype, tolerance, norm, device, exact):
    network = make_network(norm=norm).to(device)
    expected_loss, expected = losses_and_gradients(copy.deepcopy(network), device)
    loss, gradients = losses_and_gradients(network, device, dtype=dtype)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, expected_loss, rtol=0.01, atol=0)
    assert_near(gradients, expected, tolerance)


@pytest.mark.parametrize('norm', NORMS)
def test_channels_last_changes_rounding_alone(norm, device, exact):
    network = make_network(norm=norm).to(device)
    expected_loss, expected = losses_and_gradients(copy.deepcopy(network), device)
    loss, gradients = losses_and_gradients(network.to(memory_format=torch.channels_last), device)
    torch.testing.assert_close(loss, expected_loss, rtol=1e-4, atol=0)
    assert_near(gradients, expected, 2e-2)


@torch.no_grad()
@pytest.mark.parametrize('norm', NORMS)
def test_predictions_are_the_cpus(norm, device, exact):
    network = make_network(norm=norm).eval()
    crops, _ = make_batch(torch.device('cpu'))
    expected = network(crops, None, mode='tensor')
    found = network.to(device)(crops.to(device), None, mode='tensor')
    assert set(found) == set(FACES)
    for name, landmarks in expected.items():
        assert landmarks.std() > 0.01
        torch.testing.assert_close(found[name].cpu(), landmarks, rtol=1e-3, atol=1e-2)


def test_synchronized_statistics_of_one_process_are_its_own(device, exact, process_group):
    network = make_network().to(device)
    expected_loss, expected = losses_and_gradients(copy.deepcopy(network), device)
    loss, gradients = losses_and_gradients(nn.SyncBatchNorm.convert_sync_batchnorm(network), device)
    assert any(isinstance(module, nn.SyncBatchNorm) for module in network.modules())
    torch.testing.assert_close(loss, expected_loss, rtol=1e-4, atol=0)
    assert_near(gradients, expected, 2e-2)


def test_deterministic_algorithms_repeat_to_the_bit(device, deterministic):
    """Maps of 7 x 7 pixels too, which four windows do not divide."""
    results = []
    for _ in range(2):
        network = make_network().to(device).train()
        crops, _ = make_batch(device)
        crops = nn.functional.interpolate(crops, size=112)
        feats = network.backbone(crops)
        feats[-1].square().sum().backward()
        results.append([p.grad for p in network.backbone.parameters() if p.grad is not None])
    assert all(torch.equal(first, second) for first, second in zip(*results, strict=True))


def test_the_origin_of_a_number_that_is_not_finite_is_named(device):
    network = make_network().to(device)
    crops, samples = make_batch(device)
    layer = network.backbone.blocks[2].bn
    with torch.no_grad():
        layer.weight.fill_(float('inf'))
    origin = first_non_finite(network.train(), crops, samples, mode='loss')
    assert 'blocks.2.bn' in origin.words
