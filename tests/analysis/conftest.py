import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from mmsepbn.apis.load_model import load_model


@pytest.fixture
def network(synthetic_faces, monkeypatch, tmp_path):
    """A tiny network for one set, loaded from a checkpoint of two, and its test data."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    cfg = Config.fromfile(ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py')
    cfg.model.head.protocols = ['cofw', 'wflw']
    init_default_scope(cfg.default_scope)
    torch.manual_seed(0)
    source = MODELS.build(cfg.model)
    torch.save(dict(state_dict=source.state_dict()), tmp_path / 'stage_1.pth')
    cfg.model.head.protocols = ['wflw']
    return cfg, load_model(cfg, tmp_path / 'stage_1.pth'), source
