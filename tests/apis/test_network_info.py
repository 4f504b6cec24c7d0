"""Protocols and crop of a network as its config states them."""

import numpy as np
import pytest
from helpers import ROOT
from mmengine.config import Config

from mmsepbn.apis.cut import cut_face
from mmsepbn.apis.network_info import network_info
from mmsepbn.datasets.transforms.face_crop import FaceCrop, RandomFaceCrop
from mmsepbn.protocols import FACE_300W, PROTOCOLS, WFLW

CONFIGS = ROOT / 'configs'


@pytest.mark.parametrize('name', ['bn_resnext50_300w', 'cnt_sepbn_mobilenetv2_300w', 'real/bn_vanilla_300w'])
def test_a_config_of_one_set(name):
    info = network_info(Config.fromfile(CONFIGS / f'{name}.py'))
    assert info.protocols == (FACE_300W,)
    assert (info.input_size, info.padding, dict(info.box_maps)) == ((128, 128), 1.0, {})


def test_stage_1_has_the_five_branches_in_their_order():
    config = Config.fromfile(CONFIGS / 'cnt_sepbn_vanilla.py')
    assert network_info(config).protocols == tuple(PROTOCOLS[name] for name in config.model.head.protocols)
    assert len(network_info(config).protocols) == 5


def config_with(crop, training=None, protocols=('wflw',)):
    def loader(transform):
        return dict(dataset=dict(type='mmsepbn.WFLWDataset', pipeline=[dict(type='Load'), transform]))

    config = dict(model=dict(head=dict(type='mmsepbn.MultiProtocolHead', protocols=list(protocols))))
    config |= dict(test_dataloader=loader(crop)) if crop else {}
    return config | (dict(train_dataloader=loader(training)) if training else {})


def test_size_and_padding_are_those_of_the_test_sets_crop():
    crop = dict(type='mmsepbn.FaceCrop', input_size=[96, 64], padding=1.25)
    training = dict(type='mmsepbn.RandomFaceCrop', input_size=(32, 32))
    info = network_info(config_with(crop, training))
    assert (info.protocols, info.input_size, info.padding) == ((WFLW,), (96, 64), 1.25)
    assert network_info(config_with(None, training)).input_size == (32, 32)


def test_the_class_itself_may_stand_for_its_name():
    from mmsepbn import FaceCrop

    assert network_info(config_with(dict(type=FaceCrop, padding=2))).padding == 2.0


@pytest.mark.parametrize('kind', [FaceCrop, RandomFaceCrop])
def test_what_a_crop_does_not_set_is_its_default(monkeypatch, kind):
    made = kind()
    info = network_info(config_with(dict(type=kind.__name__)))
    assert (info.input_size, info.padding, info.antialias) == (made.input_size, made.padding, made.antialias)
    monkeypatch.setattr(kind, '__init__', lambda self, input_size=(64, 32), padding=1.5, antialias=True: None)
    info = network_info(config_with(dict(type=kind.__name__)))
    assert (info.input_size, info.padding, info.antialias) == ((64, 32), 1.5, True)
    info = network_info(config_with(dict(type=kind.__name__, input_size=(16, 8), padding=2, antialias=False)))
    assert (info.input_size, info.padding, info.antialias) == ((16, 8), 2.0, False)


def test_sets_of_a_wrapper_must_be_cropped_alike():
    sets = [config_with(dict(type='FaceCrop', padding=p))['test_dataloader']['dataset'] for p in (1.0, 1.0, 1.5)]
    config = config_with(dict(type='FaceCrop'))
    config['test_dataloader']['dataset'] = dict(type='ConcatDataset', datasets=sets[:2])
    assert network_info(config).padding == 1.0
    config['test_dataloader']['dataset'] = dict(type='ConcatDataset', datasets=sets)
    with pytest.raises(ValueError, match=r'must be the same for all.*padding=1\.0.*padding=1\.5'):
        network_info(config)
    config['test_dataloader']['dataset'] = dict(type='Union', datasets=dict(a=sets[0], b=sets[2]), use=['b'])
    assert network_info(config).padding == 1.5


def test_what_cannot_be_read_off_is_named():
    with pytest.raises(ValueError, match=r'model\.head=.*Got a head of type HeatmapHead'):
        network_info(dict(model=dict(head=dict(type='HeatmapHead'))))
    with pytest.raises(ValueError, match=r'mmsepbn\.FaceCrop'):
        network_info(config_with(dict(type='TopdownAffine', input_size=(64, 64))))
    with pytest.raises(ValueError, match='knows'):
        network_info(config_with(dict(type='FaceCrop'), protocols=('w',)))


def test_all_that_is_missing_is_named_at_once():
    """A config of MMPose lacks both."""
    plain = config_with(dict(type='TopdownAffine', input_size=(64, 64)))
    plain['model'] = dict(head=dict(type='HeatmapHead'))
    with pytest.raises(ValueError, match=r'must have model\.head=.*type HeatmapHead\. It must cut .*mmsepbn\.FaceCrop'):
        network_info(plain)


def test_crops_are_averaged_as_in_the_test_sets():
    info = network_info(config_with(dict(type='FaceCrop', antialias=True)))
    assert info.antialias
    image, box = np.random.default_rng(0).integers(0, 256, (600, 600, 3), np.uint8), [50.0, 60.0, 550.0, 560.0]
    wanted = FaceCrop(antialias=True).transform(dict(img=image, bbox=np.array([box])))['img']
    np.testing.assert_array_equal(cut_face(image, np.array(box), info).crops[0], wanted)
    sets = [config_with(dict(type='FaceCrop', antialias=a))['test_dataloader']['dataset'] for a in (False, True)]
    config = config_with(dict(type='FaceCrop'))
    config['test_dataloader']['dataset'] = dict(type='ConcatDataset', datasets=sets)
    with pytest.raises(ValueError, match=r'must be the same for all.*antialias=False.*antialias=True'):
        network_info(config)
