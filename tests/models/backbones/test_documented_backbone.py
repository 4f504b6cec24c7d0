"""The whole config of docs/backbones.md, as it stands there and with another crop, learns and predicts."""

import re

import pytest
import torch
import torchvision
from helpers import ROOT
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, MODELS, init_default_scope

from mmsepbn import SepBN

(TEXT,) = re.findall(r'```python\n(_base_.*?)```', (ROOT / 'docs' / 'backbones.md').read_text(), re.DOTALL)
SIZE = '(128, 128)'

pytestmark = pytest.mark.slow


@pytest.fixture
def config(synthetic_faces, tmp_path, monkeypatch):
    """The config for a crop, with pretrained weights of this machine."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    torch.manual_seed(0)
    torch.save(torchvision.models.resnet18().state_dict(), tmp_path / 'resnet18.pth')
    text = TEXT.replace("_base_ = '", f"_base_ = '{ROOT}/configs/")
    text = text.replace('torchvision://resnet18', str(tmp_path / 'resnet18.pth'))

    def read(size):
        assert text.count(SIZE) == 1
        (tmp_path / 'config.py').write_text(text.replace(SIZE, size))
        return Config.fromfile(tmp_path / 'config.py')

    return read


@pytest.mark.parametrize('size', [SIZE, '(64, 96)'])
def test_the_documented_backbone_learns_and_predicts(size, config):
    cfg = config(size)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model)
    model.init_weights()
    assert sum(isinstance(layer, SepBN) for layer in model.modules()) == 8  # two blocks in each of four stages
    weights = torch.load(cfg.model.backbone.backbone.init_cfg.checkpoint)
    torch.testing.assert_close(model.backbone.backbone.conv1.weight, weights['conv1.weight'], rtol=0, atol=0)
    train, test = (DATASETS.build(cfg[f'{split}_dataloader'].dataset) for split in ('train', 'test'))
    width, height = map(int, size.strip('()').split(','))
    assert train[0]['inputs'].shape == test[0]['inputs'].shape == (3, height, width)
    step, batch = build_optim_wrapper(model, cfg.optim_wrapper), [train[place] for place in range(4)]
    losses = [float(model.train_step(pseudo_collate(batch), step)['loss'].detach()) for _ in range(4)]
    assert losses[-1] < losses[0]  # of the same faces
    (found,) = model.eval().test_step(pseudo_collate([test[0]]))
    assert found.pred_instances.keypoints.shape == (1, 98, 2)
