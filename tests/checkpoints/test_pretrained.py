import importlib
import inspect
import re

import pytest
import torch
from mmengine.model import BaseModule, PretrainedInit
from mmpose.registry import MODELS
from torch import nn

from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.checkpoints.pretrained import (
    _READERS,
    NotFetchedError,
    asks_for_weights,
    load_pretrained,
    start_from,
)


def save(path, state):
    torch.save(state, path)
    return str(path)


def test_it_loads_what_fits_and_says_what_does_not(tmp_path):
    source = nn.ModuleDict(dict(a=nn.Linear(2, 3), fc=nn.Linear(3, 1)))
    target = nn.ModuleDict(dict(a=nn.Linear(2, 3), b=nn.Linear(1, 1)))
    report = load_pretrained(target, save(tmp_path / 'x.pth', source.state_dict()))
    assert torch.equal(target['a'].weight, source['a'].weight)
    assert (report.taken, report.missing, report.left) == (2, ['b.weight', 'b.bias'], ['fc.weight', 'fc.bias'])
    assert 'x.pth: 2 tensors taken; not in the file: b.weight, b.bias; not in the model: fc.weight, fc.bias' in str(
        report
    )


@pytest.mark.parametrize(
    ('wrap', 'prefix'),
    [
        (lambda state: dict(state_dict=state, meta={}), None),
        (lambda state: {f'module.{key}': value for key, value in state.items()}, None),
        (lambda state: dict(state_dict={f'backbone.{key}': value for key, value in state.items()}), 'backbone'),
        (lambda state: dict(state_dict={f'backbone.{key}': value for key, value in state.items()}), 'backbone.'),
    ],
)
def test_training_checkpoints_wrappers_and_prefixes(tmp_path, wrap, prefix):
    source, target = nn.Linear(2, 3), nn.Linear(2, 3)
    load_pretrained(target, save(tmp_path / 'x.pth', wrap(source.state_dict())), prefix)
    assert torch.equal(target.weight, source.weight)


def test_what_cannot_be_used_is_refused(tmp_path):
    target = nn.Linear(2, 3)
    with pytest.raises(CheckpointError, match=r'Nothing in .*x.pth fits .*It has other.bias, other.weight, the'):
        load_pretrained(target, save(tmp_path / 'x.pth', {'other.weight': torch.ones(1), 'other.bias': torch.ones(1)}))
    whole = {f'backbone.{key}': value for key, value in nn.Linear(2, 3).state_dict().items()}
    with pytest.raises(CheckpointError, match=r'has backbone.bias, .* init_cfg.prefix, such as "backbone"'):
        load_pretrained(target, save(tmp_path / 'z.pth', whole))
    with pytest.raises(CheckpointError, match=r'y.pth does not fit the model. .*\n.*size mismatch for weight'):
        load_pretrained(target, save(tmp_path / 'y.pth', nn.Linear(5, 3).state_dict()))
    with pytest.raises(CheckpointError, match=r'no.pth cannot be fetched: .*Name a local file'):
        load_pretrained(target, str(tmp_path / 'no.pth'))


@pytest.mark.parametrize('value', [torch.tensor([float('nan'), 1.0, 2.0]), torch.ones(3).to_sparse(), 7])
def test_weights_that_hold_no_values_are_refused(tmp_path, value):
    state = nn.Linear(2, 3).state_dict() | dict(bias=value)
    with pytest.raises(CheckpointError, match=r'x.pth has no whole weights: bias is'):
        load_pretrained(nn.Linear(2, 3), save(tmp_path / 'x.pth', state))


def backbone(path, depth=18, **settings):
    settings |= dict(depth=depth, base_channels=8, stem_channels=8)
    return MODELS.build(dict(type='mmpose.ResNet', init_cfg=dict(type='Pretrained', checkpoint=path), **settings))


def test_mmposes_own_backbones_take_pretrained_weights_as_before(tmp_path):
    source = backbone(None)
    state = source.state_dict() | {'fc.weight': torch.ones(3)}
    target = backbone(save(tmp_path / 'x.pth', state))
    target.init_weights()
    assert all(torch.equal(value, state[name]) for name, value in target.state_dict().items())


def test_mmposes_own_backbones_are_not_left_at_random_weights(tmp_path):
    others = {f'module.net.{name}': value for name, value in backbone(None).state_dict().items()}
    with pytest.raises(CheckpointError, match=r'Nothing in .*x.pth fits the model'):
        backbone(save(tmp_path / 'x.pth', others)).init_weights()
    with pytest.raises(CheckpointError, match=r'y.pth does not fit the model. .*'):
        backbone(save(tmp_path / 'y.pth', backbone(None).state_dict()), depth=50).init_weights()


def test_a_mask_of_infinities_is_taken_where_the_models_own_is_one(tmp_path):
    source, target = nn.Linear(2, 3), nn.Linear(2, 3)
    for model in (source, target):
        model.register_buffer('mask', torch.tensor([0.0, float('-inf')]))
    assert load_pretrained(target, save(tmp_path / 'x.pth', source.state_dict())).taken == 3
    target.mask.zero_()
    with pytest.raises(CheckpointError, match=r'x.pth has no whole weights: mask is not finite'):
        load_pretrained(target, str(tmp_path / 'x.pth'))


def test_the_keys_that_ask_for_weights_are_named():
    asking = dict(type='Pretrained', checkpoint='far://x')
    config = dict(
        backbone=dict(type='B', backbone=dict(init_cfg=asking), init_cfg=None),
        necks=[dict(init_cfg=[dict(type='Normal'), asking]), dict(init_cfg=dict(type='Pretrained', checkpoint='y'))],
    )
    error, places = (
        NotFetchedError('far://x', 'no network'),
        ('model.backbone.backbone.init_cfg', 'model.necks.0.init_cfg'),
    )
    assert 'Name a local file as init_cfg.checkpoint of the backbone, or set its init_cfg=None to train' in str(error)
    assert str(error.naming(config)) == (
        'The pretrained weights far://x cannot be fetched: no network. Name a local file as '
        f'{places[0]}.checkpoint and {places[1]}.checkpoint, or set {places[0]}=None and {places[1]}=None to train '
        'from scratch.'
    )


FAR = 'https://127.0.0.1:1/x.pth'
INNER = dict(type='mmsepbn.VanillaCNN', widths=(4, 8), norm_cfg=dict(type='BN'))
SEPBN = dict(type='mmsepbn.SepBNBackbone', backbone=dict(INNER, init_cfg=dict(type='Pretrained', checkpoint=FAR)))


def whole(backbone):
    return nn.ModuleDict(dict(backbone=MODELS.build(backbone), head=nn.Linear(1, 1)))


@pytest.mark.parametrize('asking', [SEPBN, dict(SEPBN, backbone=INNER, init_cfg=SEPBN['backbone']['init_cfg'])])
@pytest.mark.parametrize('given', [dict(SEPBN, backbone=INNER), INNER])
def test_what_a_checkpoint_fills_is_not_fetched(tmp_path, given, asking):
    """As a part of a network with SepBN, and of one with BatchNorm; whether it is asked for within or without."""
    source, target = whole(given), whole(asking)
    assert asks_for_weights(target)
    checkpoint = save(tmp_path / 'x.pth', dict(state_dict={f'module.{k}': v for k, v in source.state_dict().items()}))
    with pytest.raises(NotFetchedError, match='cannot be fetched'):
        target['backbone'].init_weights()
    start_from(target, checkpoint)
    target['backbone'].init_weights()
    convolutions = [name for name in target['backbone'].state_dict() if 'conv.' in name and 'attention' not in name]
    assert convolutions
    for name in convolutions:
        place = name if given is not INNER else name.removeprefix('backbone.')
        assert torch.equal(target['backbone'].state_dict()[name], source['backbone'].state_dict()[place])


@pytest.mark.parametrize('kind', [PretrainedInit, 'mmengine.PretrainedInit'])
def test_pretrained_parts_are_known_by_class_and_by_name(tmp_path, kind):
    target = whole(INNER)
    target['backbone'].init_cfg = dict(type=kind, checkpoint=FAR)
    checkpoint = save(tmp_path / 'x.pth', target.state_dict())
    start_from(target, checkpoint)
    assert target['backbone'].init_cfg['checkpoint'] == checkpoint


def test_a_backbone_that_reads_weights_in_a_form_of_its_own_is_left_alone(tmp_path):
    """MMPose's Swin renames what it reads, from the file that its init_cfg names."""
    swin = dict(type='mmpose.SwinTransformer', embed_dims=8, depths=(1, 1, 1, 1), num_heads=(1, 1, 1, 1))
    target = whole(dict(swin, convert_weights=True, init_cfg=dict(type='Pretrained', checkpoint=FAR)))
    start_from(target, save(tmp_path / 'x.pth', target.state_dict()))
    assert target['backbone'].init_cfg['checkpoint'] == FAR


@pytest.mark.parametrize('package', ['mmpose', 'mmdet'])
def test_the_backbones_that_read_their_file_themselves_are_known(package):
    """Held against their sources: those whose ``init_weights`` takes the checkpoint out of ``init_cfg``."""
    models = importlib.import_module(f'{package}.models')
    kinds = {kind for kind in vars(models).values() if isinstance(kind, type) and issubclass(kind, BaseModule)}
    kinds = {kind for kind in kinds if kind.__module__.startswith(f'{package}.')}
    reading = {
        f'{kind.__module__}.{kind.__name__}'
        for kind in kinds
        if 'init_weights' in vars(kind)
        and re.search(r"init_cfg(\.|\[')checkpoint", inspect.getsource(kind.init_weights))
    }
    assert reading == {name for name in _READERS if name.startswith(f'{package}.')}


def test_a_part_that_has_a_backbone_is_no_whole_network(tmp_path):
    part = BaseModule(dict(type='Pretrained', checkpoint=save(tmp_path / 'x.pth', {'other.weight': torch.ones(1)})))
    part.backbone = nn.Linear(2, 3)
    with pytest.raises(CheckpointError, match=r'Nothing in .*x.pth fits the model'):
        part.init_weights()


def test_what_a_checkpoint_does_not_fill_is_fetched(tmp_path):
    source = whole(dict(SEPBN, backbone=INNER)).state_dict()
    lacking = {name: value for name, value in source.items() if not name.endswith('blocks.1.conv.weight')}
    other = whole(dict(INNER, widths=(4, 9))).state_dict()
    for number, state in enumerate((lacking, other, dict(other=torch.ones(1)))):
        target = whole(SEPBN)
        start_from(target, save(tmp_path / f'{number}.pth', state))
        with pytest.raises(NotFetchedError, match=FAR):
            target['backbone'].init_weights()


def test_a_list_of_settings_starts_from_the_checkpoint_too(tmp_path):
    settings = [dict(type='Constant', layer='Linear', val=0.0), dict(type='Pretrained', checkpoint=FAR)]
    source, target = whole(INNER), whole(dict(INNER, init_cfg=settings))
    start_from(target, save(tmp_path / 'x.pth', source.state_dict()))
    target['backbone'].init_weights()
    for name, value in source['backbone'].state_dict().items():
        assert torch.equal(target['backbone'].state_dict()[name], value)


def test_a_network_without_pretrained_parts_needs_no_file():
    start_from(whole(INNER), 'nowhere.pth')
