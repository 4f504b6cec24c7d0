"""Every config builds, takes a finite step on real files, and states little more than its one change."""

from pathlib import Path

import pytest
import torch
from helpers import ROOT
from mmengine.config import Config, ConfigDict
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import DATASETS, MODELS, init_default_scope

from mmsepbn.experiments.run import settle
from mmsepbn.experiments.table import read_table
from mmsepbn.models import SepBN

OTHERS = {'_base_', 'ablations', 'replay', 'zoo'}
CONFIGS = sorted(
    path
    for path in (ROOT / 'configs').rglob('*.py')
    if not OTHERS & {*path.parts} and not path.name.startswith(('strong_', 'finetune_'))
)
STRONG = sorted(path for name in ('strong', 'finetune') for path in (ROOT / 'configs').glob(f'{name}_*.py'))
# Steps of compared_* are CONFIGS as they are.
ABLATIONS = [
    (path, row)
    for path in sorted((ROOT / 'configs' / 'ablations').glob('*.py'))
    if not path.stem.startswith('compared_')
    for row in read_table(path).rows
]


SMALL = {'mmsepbn.AFLWDataset': dict(num_train=8), 'mmsepbn.WiderFaceDataset': dict(min_size=10)}


BACKBONES = dict(vanilla='mmsepbn.VanillaCNN', resnext50='ResNeXt', mobilenetv2='mmsepbn.MobileNetV2')
SETS = ('cofw', 'aflw', 'wflw', '300w')


def parts(path: Path) -> tuple[bool, str, str, str | None]:
    """Whether it is CNT, norm, backbone and set (None in stage 1) by a config's name."""
    name = path.stem.removeprefix('cnt_')
    norm, backbone, *rest = name.split('_')
    return path.stem.startswith('cnt_'), norm, backbone, rest[0] if rest else None


def without_weights(backbone: ConfigDict) -> ConfigDict:
    """Drop the addresses of pretrained weights in place."""
    for part in (backbone, backbone.get('backbone', {})):
        part.pop('init_cfg', None)
    return backbone


@pytest.fixture
def small(synthetic_faces, monkeypatch):
    """Give a config what the small number of drawn faces needs; they lie where configs look.

    Pretrained weights are for a hub to give, tests/models/backbones/test_sepbn_backbone.py loads them from a file.
    """
    monkeypatch.setenv('FACES_ROOT', str(synthetic_faces))

    def prepare(cfg: Config) -> Config:
        for loader in (cfg.train_dataloader, cfg.test_dataloader):
            for dataset in loader.dataset.get('datasets', {0: loader.dataset}).values():
                dataset.update(SMALL.get(dataset.type, {}))
        without_weights(cfg.model.backbone)
        init_default_scope(cfg.default_scope)
        return cfg

    return prepare


def check_step(cfg, centred=True):
    """Build network and data, predict every landmark of test faces, take a finite step that changes the weights.

    The attention of hard aggregation gets no gradient, so the weights of attentions do not count.
    """
    torch.manual_seed(0)
    model, train = MODELS.build(cfg.model), DATASETS.build(cfg.train_dataloader.dataset)
    model.init_weights()
    test = DATASETS.build(cfg.test_dataloader.dataset)
    for sample in model.eval().test_step(pseudo_collate([test[0], test[len(test) - 1]])):
        assert sample.pred_instances.keypoints.shape == sample.gt_instances.keypoints.shape
        box = sample.gt_instances.bboxes[0]
        # An untrained head predicts the centre of the crop for every landmark.
        spread = abs(sample.pred_instances.keypoints[0] - (box[:2] + box[2:]) / 2).max()
        assert spread < 0.05 * (box[2:] - box[:2]).max() or not centred
    weights = [p for name, p in model.named_parameters() if 'attention' not in name]
    before = [p.detach().clone() for p in weights]
    step = build_optim_wrapper(model, cfg.optim_wrapper)
    model.train()
    losses = model.train_step(pseudo_collate([train[0], train[len(train) - 1]]), step)
    assert torch.isfinite(losses['loss'])
    assert all(torch.isfinite(p).all() for p in model.parameters())
    changed = sum(not torch.equal(a, b) for a, b in zip(before, weights, strict=True))
    assert changed > len(before) / 2
    return model, train


STAGES_2 = [path for path in CONFIGS if parts(path)[0] and parts(path)[3]]
# Of the others test_stage_2_goes_on_from_its_stage_1 compares all that is built with configs that are built here.
BUILT = [
    path
    for path in CONFIGS
    if path not in STAGES_2 or path.parent.name != 'configs' or (parts(path)[1], parts(path)[3]) == ('sepbn', 'wflw')
]


def to_build(path):
    """A config to build; those of the demo are small."""
    name = str(path.relative_to(ROOT))
    return pytest.param(path, id=name, marks=() if path.parent.name == 'demo' else pytest.mark.slow)


@pytest.mark.parametrize('path', map(to_build, BUILT))
def test_config_builds_predicts_every_landmark_and_takes_a_finite_step(path, small):
    cfg = small(Config.fromfile(path))
    model, train = check_step(cfg)
    _, norm, backbone, name = parts(path)
    assert any(isinstance(module, SepBN) for module in model.modules()) == (norm == 'sepbn')
    assert cfg.model.backbone.get('backbone', cfg.model.backbone).type == BACKBONES[backbone]
    assert name is None or cfg.model.head.protocols == [name] == [train.PROTOCOL.name]


@pytest.mark.slow
@pytest.mark.parametrize('path', STRONG, ids=str)
def test_strong_config_builds_predicts_and_takes_a_finite_step(path, small):
    model, _ = check_step(small(Config.fromfile(path)))
    assert any(isinstance(module, SepBN) for module in model.modules())


def test_the_zoos_config_is_the_strong_one_on_other_files():
    cfg, strong = (
        Config.fromfile(ROOT / 'configs' / path)
        for path in ('zoo/cnt_sepbn_mobilenetv2.py', 'strong_cnt_sepbn_mobilenetv2.py')
    )
    for part in (cfg.model.backbone.backbone, strong.model.backbone.backbone):
        del part.init_cfg
    for key in ('model', 'optim_wrapper', 'param_scheduler', 'custom_hooks', 'temperature'):
        assert cfg[key] == strong[key]
    for name, part in cfg.train_dataloader.dataset.datasets.items():
        assert part.pipeline == strong.train_dataloader.dataset.datasets[name].pipeline == cfg.strong_train
    assert {str(part.pipeline) for part in cfg.test_dataloader.dataset.datasets.values()} == {str(cfg.strong_test)}


@pytest.mark.slow
@pytest.mark.parametrize(('path', 'row'), ABLATIONS, ids=[f'{path.stem}: {row.name}' for path, row in ABLATIONS])
def test_row_of_a_table_builds_predicts_and_takes_a_finite_step(path, row, small, tmp_path):
    (step,) = row.steps
    # Attentive Normalization starts with scales near 5, so that untrained features are large.
    check_step(small(settle(step, 0, tmp_path, tmp_path).config), centred=row.name != 'Attentive Normalization')


def test_there_is_a_config_for_every_norm_backbone_set_and_stage():
    norms = [(norm, backbone) for norm in ('bn', 'sepbn') for backbone in BACKBONES]
    expected = {f'cnt_{norm}_{backbone}' for norm, backbone in norms}
    expected |= {f'{stage}{norm}_{net}_{name}' for norm, net in norms for stage in ('', 'cnt_') for name in SETS}
    assert {path.stem for path in CONFIGS if path.parent.name == 'configs'} == expected


@pytest.mark.slow
@pytest.mark.parametrize('path', STAGES_2, ids=str)
def test_stage_2_goes_on_from_its_stage_1(path):
    cfg = Config.fromfile(path)
    stage_1 = path.stem.rpartition('_')[0]
    first = Config.fromfile(path.with_name(f'{stage_1}.py'))
    assert cfg.load_from.endswith(f'/{stage_1}/epoch_{first.train_cfg.max_epochs}.pth')
    assert cfg.model.backbone == first.model.backbone
    assert cfg.model.head.branch == first.model.head.branch
    assert cfg.optim_wrapper.paramwise_cfg.custom_keys.backbone.lr_mult == 0.1
    assert cfg.temperature is None
    alone = Config.fromfile(path.with_name(path.name.removeprefix('cnt_')))
    length = {'train_cfg'} if path.parent.name != 'configs' else set()
    changed = {key for key in {*cfg, *alone} if cfg.get(key) != alone.get(key)}
    assert changed == {'load_from', 'optim_wrapper', 'temperature'} | length


@pytest.mark.parametrize('path', sorted((ROOT / 'configs' / 'replay').glob('*.py')), ids=str)
def test_replay_is_its_stage_2_with_the_branches_of_stage_1(path, monkeypatch):
    for sets in (None, 'wflw,300w'):
        if sets:
            monkeypatch.setenv('CNT_SETS', sets)
        cfg, stage_2 = Config.fromfile(path), Config.fromfile(path.parents[1] / path.name)
        stage_1 = Config.fromfile(path.parents[1] / f'{path.stem.rpartition("_")[0]}.py')
        assert (cfg.model.type, cfg.custom_hooks) == ('mmsepbn.ReplayEstimator', [dict(type='mmsepbn.ReplayHook')])
        assert cfg.model.head.protocols == stage_1.model.head.protocols == (sets.split(',') if sets else stage_1.sets)
        cfg.model.type, cfg.model.head.protocols = stage_2.model.type, stage_2.model.head.protocols
        for key in ('model', 'load_from', 'train_dataloader', 'optim_wrapper', 'test_dataloader'):
            assert cfg[key] == stage_2[key]


@pytest.mark.parametrize('norm', ['bn', 'sepbn'])
@pytest.mark.parametrize('backbone', BACKBONES)
def test_swapping_the_backbone_is_swapping_one_base(norm, backbone):
    texts = [(ROOT / 'configs' / f'{norm}_{name}_wflw.py').read_text() for name in ('vanilla', backbone)]
    assert texts[0].replace(f'{norm}_vanilla', f'{norm}_{backbone}') == texts[1]


@pytest.mark.parametrize('backbone', BACKBONES)
def test_sepbn_adds_less_than_two_percent_of_the_parameters(backbone):
    counts = []
    for norm in ('bn', 'sepbn'):
        cfg = Config.fromfile(ROOT / 'configs' / f'{norm}_{backbone}_wflw.py')
        without_weights(cfg.model.backbone)
        model = MODELS.build(cfg.model)
        counts.append(sum(p.numel() for p in model.parameters()))
    assert counts[0] < counts[1] < 1.02 * counts[0]


def test_sets_that_are_left_out_leave_training_test_and_branches(monkeypatch):
    monkeypatch.setenv('CNT_SETS', 'wflw,wider_face')
    cfg = Config.fromfile(ROOT / 'configs' / 'cnt_sepbn_vanilla.py')
    assert cfg.train_dataloader.dataset.use == cfg.model.head.protocols == ['wflw', 'wider_face']
    assert cfg.test_dataloader.dataset.use == ['wflw']


def test_a_config_is_its_bases_and_little_more():
    """At most 15 lines, and 70 of what configs share and of tables."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / 'configs').rglob('*.py')
        if (lines := len(path.read_text().splitlines())) > (15 if path in CONFIGS else 70)
    }
    assert long == {}


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
    assert cfg.default_hooks.temperature == dict(type='mmsepbn.TemperatureAnnealingHook', from_config=True)
    assert cfg.temperature == dict(epochs=30)
    assert cfg.model.head.branch.hidden_channels == (1024,)


ROOTS = ('/home/me@uni.de', "it's", 'a "quoted" one', 'back\\slash', 'two words', 'für ÄÖ', 'relative/one', '{{x}}')


@pytest.mark.slow
@pytest.mark.parametrize('root', ROOTS)
def test_roots_may_hold_any_character(root, monkeypatch, tmp_path):
    monkeypatch.setenv('FACES_ROOT', root)
    monkeypatch.setenv('COFW_ROOT', f'{root}@/elsewhere')
    cfg = Config.fromfile(ROOT / 'configs' / 'cnt_sepbn_vanilla.py')
    roots = {name: part.data_root for name, part in cfg.train_dataloader.dataset.datasets.items()}
    assert roots.pop('cofw') == f'{root}@/elsewhere'
    folders = {'aflw': 'AFLW', 'wflw': 'WFLW', '300w': '300W', 'wider_face': 'WIDER_FACE'}
    assert roots == {name: f'{root}/{folder}' for name, folder in folders.items()}
    sets = dict(sets=cfg.train_dataloader.dataset.datasets)
    Config(sets).dump(tmp_path / 'dumped.py')
    assert Config.fromfile(tmp_path / 'dumped.py').sets == sets['sets']


def test_empty_variables_are_as_good_as_none(monkeypatch):
    for name in ('FACES_ROOT', 'WFLW_ROOT', 'CNT_SETS'):
        monkeypatch.setenv(name, '')
    cfg = Config.fromfile(ROOT / 'configs' / 'cnt_sepbn_vanilla.py')
    assert cfg.train_dataloader.dataset.datasets.wflw.data_root == 'data/WFLW'
    assert cfg.model.head.protocols == ['cofw', 'aflw', 'wflw', '300w', 'wider_face']


@pytest.mark.parametrize('name', ['cnt_sepbn_vanilla.py', 'replay/cnt_sepbn_vanilla_wflw.py'])
def test_sets_may_be_named_with_spaces(monkeypatch, name):
    monkeypatch.setenv('CNT_SETS', ' wflw, cofw,')
    assert Config.fromfile(ROOT / 'configs' / name).model.head.protocols == ['wflw', 'cofw']
