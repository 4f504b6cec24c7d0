"""Whole networks with each norm layer outside of training on a CPU: exported, and on a GPU."""

import pytest
import torch
from helpers import NORMS, ROOT, data_sample
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from mmsepbn.protocols import get_protocol


@pytest.fixture(params=NORMS.values(), ids=list(NORMS))
def network_config(request):
    cfg = Config.fromfile(ROOT / 'configs' / 'demo' / 'cnt_sepbn_vanilla.py')
    init_default_scope(cfg.default_scope)
    cfg.model.backbone.norm_cfg = request.param
    return cfg.model


@pytest.mark.slow
@torch.no_grad()
def test_exported_networks_compute_the_same_for_any_number_of_faces(network_config):
    network = MODELS.build(network_config).eval()
    generator = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2, generator=generator)
    for name, buffer in network.named_buffers():
        if name.endswith(('running_mean', 'running_var')):
            nn.init.uniform_(buffer, 0.5, 1.5, generator=generator)
    two, five = torch.rand(2, 3, 128, 128), torch.rand(5, 3, 128, 128)
    exported = torch.export.export(network, (two, None), dynamic_shapes=({0: torch.export.Dim('faces')}, None))
    expected, found = network(five, None), exported.module()(five, None)
    assert set(found) == set(expected) == {'cofw', 'aflw', 'wflw', '300w', 'wider_face'}
    for branch, landmarks in expected.items():
        assert landmarks.std() > 0.1
        torch.testing.assert_close(found[branch], landmarks)


def test_nothing_stays_on_the_cpu(network_config):
    """Tensors without data that claim to lie on a GPU refuse to mix with the CPU's, as on a GPU; no GPU is needed."""
    with FakeTensorMode(), torch.device('cuda'):
        network = MODELS.build(network_config)
        inputs = torch.zeros(3, 3, 128, 128)
        faces = [
            data_sample(torch.zeros(get_protocol(name).num_landmarks, 2), protocol=name)
            for name in ('wflw', 'cofw', 'wflw')
        ]
        losses = network(inputs, faces, mode='loss')
        outputs = network.eval()(inputs, None, mode='tensor')
    assert {loss.device.type for loss in losses.values()} == {'cuda'}
    assert {landmarks.device.type for landmarks in outputs.values()} == {'cuda'}
