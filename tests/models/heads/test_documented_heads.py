"""The configs of docs/heads.md, as they stand there, predict and take a step."""

import re

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, MODELS, init_default_scope

from mmsepbn.protocols import get_protocol

HEADS = re.findall(r'```python\n(.*?)```', (ROOT / 'docs' / 'heads.md').read_text(), re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize(
    ('text', 'kinds'),
    zip(
        HEADS,
        (
            dict(cofw='SimCCHead', wider_face='SimCCHead'),
            dict(cofw='RLEHead', wider_face='LandmarkRegressionHead'),
            dict(wflw='HeatmapHead'),
        ),
        strict=True,
    ),
    ids=['SimCC', 'RLE', 'heatmaps'],
)
def test_a_documented_head_learns_and_predicts(text, kinds, synthetic_faces, tmp_path, monkeypatch):
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))
    monkeypatch.setenv('CNT_SETS', ','.join(kinds))
    (tmp_path / 'config.py').write_text(text.replace("_base_ = '", f"_base_ = '{ROOT}/configs/"))
    cfg = Config.fromfile(tmp_path / 'config.py')
    if 'wider_face' in kinds:
        cfg.train_dataloader.dataset.datasets.wider_face.min_size = 10
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model)
    assert {name: type(branch).__name__ for name, branch in model.head.branches.items()} == kinds
    train, test = (DATASETS.build(cfg[f'{part}_dataloader'].dataset) for part in ('train', 'test'))
    step = build_optim_wrapper(model, cfg.optim_wrapper)
    before = {name: parameter.detach().clone() for name, parameter in model.head.branches.named_parameters()}
    losses = model.train_step(pseudo_collate([train[0], train[len(train) - 1]]), step)
    assert torch.isfinite(losses['loss'])
    assert {key for key in losses if key.startswith('loss_kpt/')} == {f'loss_kpt/{name}' for name in kinds}
    after = dict(model.head.branches.named_parameters())
    changed = {name.partition('.')[0] for name, value in before.items() if not torch.equal(value, after[name])}
    assert changed == set(kinds)
    (found,) = model.eval().test_step(pseudo_collate([test[0]]))
    assert found.pred_instances.keypoints.shape == (1, get_protocol(next(iter(kinds))).num_landmarks, 2)
