"""Steps in bfloat16: those of autocast by hand, with weights in float32."""

from contextlib import nullcontext
from unittest.mock import Mock

import pytest
import torch
from mmengine.registry import OPTIM_WRAPPERS, init_default_scope
from torch import nn

import mmsepbn.registry  # noqa: F401


@pytest.mark.parametrize('accumulative_counts', [1, 2])
def test_a_step_is_that_of_autocast(accumulative_counts: int) -> None:
    init_default_scope('mmpose')
    torch.manual_seed(0)
    model, batches = nn.Conv2d(3, 8, 3), torch.randn(2, 4, 3, 16, 16)
    before = model.weight.detach().clone()
    settings = dict(type='mmsepbn.BFloat16OptimWrapper', optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    wrapper = OPTIM_WRAPPERS.build(settings | dict(accumulative_counts=accumulative_counts))
    wrapper.initialize_count_status(model, 0, 2)
    gradients, steps = [], []
    for batch in batches:
        weight = model.weight.detach().requires_grad_()
        with torch.autocast('cpu', torch.bfloat16):
            loss = nn.functional.conv2d(batch, weight, model.bias.detach()).float().square().mean()
        gradients.append(torch.autograd.grad(loss, weight)[0] / accumulative_counts)
        with wrapper.optim_context(model):
            out = model(batch)
        assert out.dtype == torch.bfloat16
        wrapper.update_params(out.float().square().mean())
        if len(gradients) == accumulative_counts:
            before = before - 0.1 * sum(gradients)
            gradients.clear()
        torch.testing.assert_close(model.weight.detach(), before)
        steps.append(model.weight.dtype)
    assert model(batches[0]).dtype == torch.float32
    assert steps == [torch.float32] * 2


def test_the_pass_is_on_the_networks_device(monkeypatch: pytest.MonkeyPatch) -> None:
    model = nn.Conv2d(3, 8, 3, device='meta')
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wrapper = OPTIM_WRAPPERS.build(dict(type='mmsepbn.BFloat16OptimWrapper', optimizer=optimizer))
    monkeypatch.setattr(torch, 'autocast', begun := Mock(return_value=nullcontext()))
    with wrapper.optim_context(model):
        begun.assert_called_once_with('meta', torch.bfloat16)
