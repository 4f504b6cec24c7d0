import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from mmsepbn.models.norms.domain_tensor import DomainTensor, domains_of, plain, with_domains

DOMAINS = torch.tensor([2, 0, 1])


def tagged():
    return with_domains(torch.randn(3, 4, 6, 6, generator=torch.Generator().manual_seed(0)), DOMAINS)


@pytest.mark.parametrize(
    'function',
    [
        nn.Conv2d(4, 5, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        lambda x: x + 1,
        lambda x: torch.cat((x, x), dim=1),
        lambda x: F.interpolate(x, scale_factor=2),
        lambda x: x.split(2, dim=1)[1],
    ],
)
def test_results_carry_the_domains_and_the_plain_value(function):
    result = function(tagged())
    assert torch.equal(domains_of(result), DOMAINS)
    expected = function(plain(tagged()))
    assert type(plain(result)) is torch.Tensor
    assert type(expected) is torch.Tensor
    torch.testing.assert_close(plain(result), expected)


def test_a_tensor_without_domains_has_none_and_tagging_leaves_the_original_alone():
    x = torch.randn(3, 2)
    assert domains_of(x) is None
    with_domains(x, DOMAINS)
    assert type(x) is torch.Tensor


def test_gradient_checkpointing_finds_the_domains_again():
    seen = []

    def block(x):
        seen.append(domains_of(x))
        return x * x

    x = with_domains(torch.randn(3, 2, requires_grad=True) * 1, DOMAINS)
    out = checkpoint(block, x, use_reentrant=False)
    out.sum().backward()
    assert len(seen) == 2
    assert all(torch.equal(domains, DOMAINS) for domains in seen)
    assert torch.equal(domains_of(out), DOMAINS)


def test_another_number_of_domains_is_named():
    with pytest.raises(ValueError, match=r'domains=\) must be .*2.* Got \(3,\)|must be \(2,\). Got \(3,\)|a sample, 2'):
        with_domains(torch.randn(2, 1), DOMAINS)


def test_gradients_flow_to_plain_leaves():
    weight = nn.Parameter(torch.ones(4))
    (tagged() * weight[None, :, None, None]).sum().backward()
    torch.testing.assert_close(weight.grad, plain(tagged()).sum((0, 2, 3)))
    assert not isinstance(weight.grad, DomainTensor) or domains_of(weight.grad) is None
