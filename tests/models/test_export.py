"""Networks can be exported for any number of faces, as torch.onnx does it."""

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from torch import nn

NORMS = {
    'BN': dict(type='BN'),
    'SepBN': dict(type='mmsepbn.SepBN'),
    'hard': dict(type='mmsepbn.SepBN', aggregation='hard'),
    'standardized': dict(type='mmsepbn.SepBN', standardize_attention=True),
    'simple': dict(type='mmsepbn.SimpleSepBN'),
    'attentive': dict(type='mmsepbn.AttentiveNorm'),
}


@pytest.fixture(params=NORMS.values(), ids=list(NORMS))
def network(request):
    cfg = Config.fromfile(ROOT / 'configs' / 'demo' / 'cnt_sepbn_vanilla.py')
    init_default_scope(cfg.default_scope)
    cfg.model.backbone.norm_cfg = request.param
    network = MODELS.build(cfg.model)
    generator = torch.Generator().manual_seed(0)
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.2, generator=generator)
    for name, buffer in network.named_buffers():
        if name.endswith(('running_mean', 'running_var')):
            nn.init.uniform_(buffer, 0.5, 1.5, generator=generator)
    return network.eval()


@torch.no_grad()
def test_exported_networks_compute_the_same_for_any_number_of_faces(network):
    two, five = torch.rand(2, 3, 128, 128), torch.rand(5, 3, 128, 128)
    exported = torch.export.export(network, (two, None), dynamic_shapes=({0: torch.export.Dim('faces')}, None))
    expected, found = network(five, None), exported.module()(five, None)
    assert set(found) == set(expected) == {'cofw', 'aflw', 'wflw', '300w', 'wider_face'}
    for branch, landmarks in expected.items():
        assert landmarks.std() > 0.1
        torch.testing.assert_close(found[branch], landmarks)
