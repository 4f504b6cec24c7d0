"""Held against the tensors of what is written."""

import copy

import pytest
import torch
from mmengine.model import ExponentialMovingAverage
from torch import nn
from torch.utils._pytree import tree_leaves

from mmsepbn.checkpoints.size import checkpoint_bytes


@pytest.mark.parametrize('average', [True, False])
@pytest.mark.parametrize(
    ('kind', 'settings'),
    [
        ('AdamW', {}),
        ('Adam', dict(amsgrad=True)),
        ('SGD', dict(lr=0.1)),
        ('SGD', dict(lr=0.1, momentum=0.9, nesterov=True)),
        ('RMSprop', {}),
        ('RMSprop', dict(momentum=0.5, centered=True)),
    ],
)
def test_the_size_is_known_before_the_first_step(tmp_path, kind, settings, average):
    model = nn.Sequential(nn.Linear(30, 50), nn.BatchNorm1d(50), nn.Linear(50, 20))
    model[2].requires_grad_(False)  # such parameters have no state
    groups = [dict(params=model[:2].parameters()), dict(params=model[2].parameters())]
    optimizer = getattr(torch.optim, kind)(groups, **settings)
    averages = [ExponentialMovingAverage(model)] if average else []
    expected = checkpoint_bytes([model, *averages], [optimizer])
    model(torch.randn(4, 30)).sum().backward()
    optimizer.step()
    parts = [each.state_dict() for each in (model, *averages, optimizer)]
    torch.save(copy.deepcopy(parts), tmp_path / 'x.pth')
    tensors = [value for value in tree_leaves(torch.load(tmp_path / 'x.pth')) if isinstance(value, torch.Tensor)]
    steps = [value for value in tensors if value.dim() == 0 and value.dtype == torch.float32]  # a count each
    assert expected == sum(value.nbytes for value in tensors) - 4 * len(steps)
