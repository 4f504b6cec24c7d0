import pytest
import torch
from torch import nn

from mmsepbn.analysis.mean_ablation import mean_ablated
from mmsepbn.models.norms import AttentiveNorm, SepBN


@pytest.fixture
def network():
    torch.manual_seed(0)
    return nn.Sequential(
        SepBN(4, num_routes=3, num_groups=2, pool_size=2, temperature=0.1, init_std=1.0),
        AttentiveNorm(4, num_components=2),
        SepBN(4, num_routes=1),
    ).eval()


@torch.no_grad()
def test_every_face_is_mapped_by_the_mean_weights(network):
    faces = torch.randn(5, 4, 8, 8)
    weights = {'0': network[0].attention(faces).numpy(), '1': torch.rand(5, 2, 1).numpy()}
    plain = network(faces)
    with mean_ablated(network, weights):
        ablated = network(faces)
    x = faces
    for name in ('0', '1'):
        layer, share = network[int(name)], torch.tensor(weights[name]).mean(dim=0)  # (K, G)
        share = share.repeat_interleave(4 // share.shape[1], dim=1)
        scale, shift = (share * layer.weight).sum(dim=0), (share * layer.bias).sum(dim=0)
        x = scale[:, None, None] * layer.norm(x) + shift[:, None, None]
    torch.testing.assert_close(ablated, network[2](x))
    assert (ablated - plain).abs().max() > 0.1
    torch.testing.assert_close(network(faces), plain)  # and afterwards it looks again


def test_a_layer_without_weights_is_named_and_nothing_stays_ablated(network):
    with pytest.raises(KeyError, match='1'), mean_ablated(network, {'0': torch.ones(5, 3, 2).numpy()}):
        pass
    assert not any('attention' in vars(layer) for layer in network)
