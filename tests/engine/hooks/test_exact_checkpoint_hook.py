from types import SimpleNamespace

import pytest
from torch import nn

from mmsepbn.compat import CheckpointError
from mmsepbn.engine import ExactCheckpointHook
from mmsepbn.models import SepBN


def load(model, other):
    ExactCheckpointHook().after_load_checkpoint(SimpleNamespace(model=model), dict(state_dict=other.state_dict()))


def test_the_models_own_checkpoint_passes():
    load(nn.Sequential(nn.Conv2d(3, 8, 1), SepBN(8)), nn.Sequential(nn.Conv2d(3, 8, 1), SepBN(8)))


def test_another_networks_checkpoint_is_refused():
    with pytest.raises(CheckpointError, match=r'0.weight is \(4, 3, 1, 1\) instead of \(8, 3, 1, 1\)'):
        load(nn.Sequential(nn.Conv2d(3, 8, 1)), nn.Sequential(nn.Conv2d(3, 4, 1)))
    with pytest.raises(CheckpointError, match=r'1.temperature is missing'):
        load(nn.Sequential(nn.ReLU(), SepBN(8)), nn.Sequential(nn.ReLU(), nn.BatchNorm2d(8)))
