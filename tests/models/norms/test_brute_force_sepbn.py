import pytest
import torch
from helpers import run_two_ranks
from mmengine.model import convert_sync_batchnorm
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

from mmsepbn.models import BruteForceSepBN
from mmsepbn.models.norms import replace_norms

DOMAINS = torch.tensor([1, 0, 1, 1, 0])


def images(seed=0):
    return torch.randn(5, 4, 6, 6, generator=torch.Generator().manual_seed(seed)) * 2 + 1


def make_layer(domains=DOMAINS):
    torch.manual_seed(0)
    layer = BruteForceSepBN(4)
    layer.domains = domains
    for branch in layer.branches:
        nn.init.normal_(branch.weight), nn.init.normal_(branch.bias)
    return layer


def test_each_domain_has_a_batch_norm_of_its_own():
    layer, x = make_layer(), images()
    out = layer(x)
    for domain in (0, 1):
        rows = domain == DOMAINS
        single = nn.BatchNorm2d(4)
        single.weight.data, single.bias.data = layer.branches[domain].weight.data, layer.branches[domain].bias.data
        torch.testing.assert_close(out[rows], single(x[rows]))
        torch.testing.assert_close(layer.branches[domain].running_mean, single.running_mean)
        torch.testing.assert_close(layer.branches[domain].running_var, single.running_var)
    assert torch.equal(layer.branches[2].running_mean, torch.zeros(4))


def test_an_absent_domain_gets_a_zero_gradient_and_no_update_of_statistics():
    layer = make_layer()
    layer(images()).sum().backward()
    assert torch.equal(layer.branches[2].weight.grad, torch.zeros(4))
    assert layer.branches[2].num_batches_tracked == 0


def test_a_batch_of_which_nothing_is_known_is_refused():
    for domains in (None, DOMAINS[:4]):
        with pytest.raises(ValueError, match='needs the domain of each sample'):
            make_layer(domains)(images())


@pytest.mark.parametrize('use_reentrant', [False, True])
def test_gradient_checkpointing_gives_the_same_gradients(use_reentrant):
    def gradients(run):
        layer = make_layer()
        run(layer, images().requires_grad_()).square().sum().backward()
        return [branch.weight.grad for branch in layer.branches]

    expected = gradients(lambda layer, x: layer(x))
    found = gradients(lambda layer, x: checkpoint(layer, x, use_reentrant=use_reentrant))
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b)


def test_autocast_changes_rounding_alone():
    net = nn.Sequential(nn.Conv2d(4, 4, 3), make_layer())
    with torch.autocast('cpu', torch.bfloat16):
        out = net(images())
    torch.testing.assert_close(out.float(), net(images()), atol=0.1, rtol=0.1)


def test_a_batch_norm_checkpoint_loads_into_every_branch():
    norm = nn.BatchNorm2d(4)
    nn.init.normal_(norm.weight)
    norm(images())
    layer = make_layer()
    layer.load_state_dict(norm.state_dict(), strict=True)
    x = images(1)
    torch.testing.assert_close(layer.eval()(x), norm.eval()(x))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r'num_routes=\) must be at least 1. Got 0'):
        BruteForceSepBN(4, num_routes=0)
    with pytest.raises(ValueError, match=r'domains must lie in 0..2. Got \[0, 1, 3\]'):
        make_layer(torch.tensor([0, 1, 3, 1, 0]))(images())


@pytest.mark.parametrize('convert', [nn.SyncBatchNorm.convert_sync_batchnorm, convert_sync_batchnorm])
def test_conversion_to_sync_batch_norm_is_refused_by_name(convert):
    network = nn.Sequential(nn.Conv2d(3, 4, 1), make_layer())
    with pytest.raises(ValueError, match=r'BruteForceSepBN.* cannot be SyncBatchNorm.*Leave sync_bn out'):
        convert(network)
    with pytest.raises(ValueError, match=r'^0: BruteForceSepBN'):
        replace_norms(nn.Sequential(nn.SyncBatchNorm(4)), ['0'], dict(type='mmsepbn.BruteForceSepBN'))


def train(rank, folder):
    layer = DistributedDataParallel(Routed(), broadcast_buffers=False)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    for step in range(2):
        optimizer.zero_grad()
        layer(images(step), torch.full((5,), (rank + step) % 3)).backward()
        optimizer.step()
    torch.save(dict(layer.module.named_parameters()), f'{folder}/{rank}.pth')


class Routed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = make_layer()

    def forward(self, x, domains):
        self.layer.domains = domains
        return self.layer(x).square().sum()


@pytest.mark.slow
def test_ranks_with_different_domains_agree(tmp_path):
    run_two_ranks(train, str(tmp_path))
    first, second = (torch.load(tmp_path / f'{rank}.pth', weights_only=False) for rank in (0, 1))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first['layer.branches.2.weight'], Routed().layer.branches[2].weight)
