"""One layer on a GPU in half precision, under AMP as in training."""

import copy

import pytest
import torch

from mmsepbn.models import SepBN

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize('layout', [torch.contiguous_format, torch.channels_last], ids=str)
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16], ids=str)
def test_maps_in_half_precision_are_rounded_once(dtype, layout, device, exact):
    generator = torch.Generator().manual_seed(0)
    x, dy = (torch.randn(4, 8, 12, 12, generator=generator).to(dtype) for _ in range(2))
    torch.manual_seed(0)
    layer = SepBN(8, temperature=1.0)
    reference = copy.deepcopy(layer).double()
    results = []
    for norm, inputs in ((layer.to(device), x.to(device, memory_format=layout)), (reference, x.double())):
        inputs.requires_grad_()
        with torch.autocast(inputs.device.type, dtype, enabled=norm is layer):
            output = norm.train()(inputs)
        parameters = dict(norm.named_parameters())
        gradients = torch.autograd.grad(output, [inputs, *parameters.values()], dy.to(output.device, output.dtype))
        results.append([output, *gradients])
    eps = torch.finfo(dtype).eps
    for ours, expected in zip(*results, strict=True):
        assert (ours.cpu().double() - expected).norm() < 2 * eps * expected.norm() + 1e-6
