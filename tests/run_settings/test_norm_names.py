import pytest
import torch
from mmcv.cnn import build_norm_layer
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmsepbn.run_settings.norm_names import unknown_norms


def config(kind, **more):
    norm = dict(type=kind, **more)
    return Config(dict(default_scope='mmpose', model=dict(neck=[dict(norm_cfg=norm)], backbone=dict(type='ResNet'))))


@pytest.mark.parametrize('kind', ['BN', 'SyncBN', 'GN', 'mmsepbn.SepBN', 'mmsepbn.AttentiveNorm', torch.nn.BatchNorm2d])
def test_what_mmcv_builds_is_known(kind):
    init_default_scope('mmpose')
    settings = dict(type=kind, num_groups=2) if kind == 'GN' else dict(type=kind)
    build_norm_layer(settings, 8)
    assert unknown_norms(config(kind)) == []


@pytest.mark.parametrize(
    ('kind', 'meant'),
    [('SepBn', 'mmsepbn.SepBN'), ('SepBN', 'mmsepbn.SepBN'), ('mmpose.SeppBN', 'mmsepbn.SepBN'), ('bn', 'BN')],
)
def test_what_it_does_not_is_named_with_the_nearest(kind, meant):
    init_default_scope('mmpose')
    with pytest.raises(KeyError):
        build_norm_layer(dict(type=kind), 8)
    assert unknown_norms(config(kind)) == [
        f'model.neck.0.norm_cfg.type={kind!r} is no norm layer. Did you mean {meant!r}?'
    ]


@pytest.mark.parametrize('part', [dict(type='mmpretrain.ConvNeXt'), dict(type='ConvNeXt', _scope_='mmpretrain')])
def test_other_packages_have_norms_of_their_own(part):
    model = dict(backbone=part | dict(norm_cfg=dict(type='LN2d')), neck=dict(norm_cfg=dict(type='LN2d')))
    [said] = unknown_norms(Config(dict(default_scope='mmpose', model=model)))
    assert said.startswith("model.neck.norm_cfg.type='LN2d'")


def test_far_from_any_name_nothing_is_suggested():
    assert unknown_norms(config('Xyz')) == ["model.neck.0.norm_cfg.type='Xyz' is no norm layer."]


def test_configs_without_a_model_or_a_scope():
    assert unknown_norms(Config(dict())) == []
    assert unknown_norms(Config(dict(model=dict(norm_cfg=dict(type='BN'))))) == []
