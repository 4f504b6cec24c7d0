"""Two processes whose batches hold different protocols: neither hangs, and both end with the same weights."""

import pytest
import torch
from helpers import data_sample, run_two_ranks
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from mmsepbn.models import MultiProtocolHead, VanillaCNN
from mmsepbn.protocols import get_protocol

STEPS = 3
PROTOCOLS = ('cofw', 'wider_face')


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.backbone = VanillaCNN(widths=(4, 8), norm_cfg=dict(type='mmsepbn.SepBN'))
        branch = dict(type='mmsepbn.LandmarkRegressionHead', in_channels=8, in_featuremap_size=(2, 2))
        self.head = MultiProtocolHead(PROTOCOLS, branch=branch)

    def forward(self, x, samples):
        return sum(self.head.loss(self.backbone(x), samples).values())


def batch(rank, step):
    """One protocol in each process, changing places every step."""
    generator = torch.Generator().manual_seed(10 * step + rank)
    name = PROTOCOLS[(rank + step) % 2]
    points = torch.rand(get_protocol(name).num_landmarks, 2, generator=generator) * 128
    return torch.randn(2, 3, 8, 8, generator=generator), [data_sample(points, protocol=name)] * 2


def train(rank, folder):
    network = DistributedDataParallel(Network(), broadcast_buffers=False)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    for step in range(STEPS):
        optimizer.zero_grad()
        network(*batch(rank, step)).backward()
        optimizer.step()
    torch.save({name: p.detach() for name, p in network.module.named_parameters()}, f'{folder}/{rank}.pth')


@pytest.mark.slow
def test_ranks_with_different_protocols_agree_with_each_other_and_with_averaged_gradients(tmp_path):
    run_two_ranks(train, str(tmp_path))
    first, second = (torch.load(tmp_path / f'{rank}.pth') for rank in (0, 1))
    network = Network()
    for step in range(STEPS):
        (sum(network(*batch(rank, step)) for rank in (0, 1)) / 2).backward()
        with torch.no_grad():
            for p in network.parameters():
                p -= 0.01 * p.grad
                p.grad = None
    for name, p in network.named_parameters():
        assert torch.equal(first[name], second[name]), name
        torch.testing.assert_close(first[name], p.detach(), atol=1e-5, rtol=1e-4)
