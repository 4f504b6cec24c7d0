"""Every config builds, takes a finite step on real files, and states little more than its one change."""

from pathlib import Path

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, MODELS, init_default_scope

from mmsepbn.models import SepBN
from mmsepbn.protocols import get_protocol

CONFIGS = sorted(path for path in (ROOT / 'configs').rglob('*.py') if '_base_' not in path.parts)
NAMES = [str(path.relative_to(ROOT)) for path in CONFIGS]


SMALL = {'mmsepbn.AFLWDataset': dict(num_train=8), 'mmsepbn.WiderFaceDataset': dict(min_size=10)}


@pytest.fixture
def load(synthetic_faces, monkeypatch):
    """Read a config with its data sets where the drawn faces lie, and with what their small number needs."""
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))

    def read(path: Path) -> Config:
        cfg = Config.fromfile(path)
        for loader in (cfg.train_dataloader, cfg.test_dataloader):
            for dataset in loader.dataset.get('datasets', {0: loader.dataset}).values():
                dataset.update(SMALL.get(dataset.type, {}))
        init_default_scope(cfg.default_scope)
        return cfg

    return read


@pytest.mark.parametrize('path', CONFIGS, ids=NAMES)
def test_config_builds_and_takes_a_finite_step(path, load):
    cfg = load(path)
    torch.manual_seed(0)
    model, dataset = MODELS.build(cfg.model), DATASETS.build(cfg.train_dataloader.dataset)
    model.init_weights()
    before = [p.detach().clone() for p in model.parameters()]
    step = build_optim_wrapper(model, cfg.optim_wrapper)
    losses = model.train_step(pseudo_collate([dataset[0], dataset[len(dataset) - 1]]), step)
    assert torch.isfinite(losses['loss'])
    assert all(torch.isfinite(p).all() for p in model.parameters())
    changed = sum(not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert changed > len(before) / 2


@pytest.mark.parametrize('path', CONFIGS, ids=NAMES)
def test_config_predicts_every_landmark_in_the_image(path, load):
    cfg = load(path)
    model, dataset = MODELS.build(cfg.model).eval(), DATASETS.build(cfg.test_dataloader.dataset)
    model.init_weights()
    for sample in model.test_step(pseudo_collate([dataset[0], dataset[len(dataset) - 1]])):
        assert sample.pred_instances.keypoints.shape == sample.gt_instances.keypoints.shape
        box = sample.gt_instances.bboxes[0]
        # An untrained head predicts the centre of the crop for every landmark.
        spread = abs(sample.pred_instances.keypoints[0] - (box[:2] + box[2:]) / 2).max()
        assert spread < 0.05 * (box[2:] - box[:2]).max()


@pytest.mark.parametrize('path', CONFIGS, ids=NAMES)
def test_name_and_norm_agree_and_annealing_comes_with_sepbn(path):
    cfg = Config.fromfile(path)
    norm = cfg.model.backbone.norm_cfg.type
    assert norm == {'bn': 'BN', 'sepbn': f'mmsepbn.{SepBN.__name__}'}[path.stem.removeprefix('cnt_').split('_')[0]]
    hooks = [hook.type for hook in cfg.get('custom_hooks', [])]
    stage_2 = 'keep_branch' in cfg.default_hooks
    assert ('mmsepbn.TemperatureAnnealingHook' in hooks) == (norm != 'BN' and not stage_2)


@pytest.mark.parametrize('path', [path for path in CONFIGS if 'cnt_' in path.stem], ids=str)
def test_stage_2_goes_on_from_its_stage_1(path):
    cfg = Config.fromfile(path)
    if 'keep_branch' not in cfg.default_hooks:
        assert cfg.model.head.type == 'mmsepbn.MultiProtocolHead'
        return
    stage_1, _, name = path.stem.rpartition('_')
    epochs = Config.fromfile(path.with_name(f'{stage_1}.py')).train_cfg.max_epochs
    assert cfg.load_from.endswith(f'/{stage_1}/epoch_{epochs}.pth')
    assert cfg.default_hooks.keep_branch.protocol == name
    assert cfg.model.head.num_landmarks == get_protocol(name).num_landmarks
    assert cfg.optim_wrapper.paramwise_cfg.custom_keys.backbone.lr_mult == 0.1


def test_sets_that_are_left_out_leave_training_test_and_branches(monkeypatch):
    monkeypatch.setenv('CNT_SETS', 'wflw,wider_face')
    cfg = Config.fromfile(ROOT / 'configs' / 'cnt_sepbn_vanilla.py')
    assert cfg.train_dataloader.dataset.use == cfg.model.head.protocols == ['wflw', 'wider_face']
    assert cfg.test_dataloader.dataset.use == ['wflw']


@pytest.mark.parametrize('path', CONFIGS, ids=NAMES)
def test_a_config_is_at_most_40_lines(path):
    assert len(path.read_text().splitlines()) <= 40


def test_the_papers_recipe():
    cfg = Config.fromfile(ROOT / 'configs' / 'sepbn_vanilla_wflw.py')
    assert cfg.optim_wrapper.optimizer == dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=5e-4)
    assert (cfg.train_dataloader.batch_size, cfg.train_cfg.max_epochs) == (8, 500)
    warm_up, cosine = cfg.param_scheduler
    assert (warm_up.type, warm_up.end, cosine.type, cosine.begin, cosine.end) == (
        'LinearLR',
        120,
        'CosineAnnealingLR',
        120,
        500,
    )
    crop = cfg.train_dataloader.dataset.pipeline[1]
    assert crop == dict(type='mmsepbn.RandomFaceCrop', input_size=(128, 128))
    assert cfg.custom_hooks == [dict(type='mmsepbn.TemperatureAnnealingHook', start=30.0, end=1.0, epochs=30)]
    assert cfg.model.head.hidden_channels == (1024,)
