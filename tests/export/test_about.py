"""What is known of a network besides its use."""

import hashlib
import json
from copy import deepcopy

import numpy as np
import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from tiny_network import model_config

from mmsepbn.apis.prediction_settings import prediction_settings, store
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.cli.network_report import as_text
from mmsepbn.export.about import (
    about_checkpoint,
    about_network,
    about_training,
    published_notes,
    results_in_folder,
    weights_sha256,
)
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration

CONFIG = """
model = dict(head=dict(type='mmsepbn.MultiProtocolHead', protocols=['300w'], branch=dict(type='mmsepbn.Own')),
    type='TopdownPoseEstimator', backbone=dict(type='mmsepbn.SepBNBackbone', norm_cfg=dict(type='mmsepbn.SepBN'),
    backbone=dict(type='ResNeXt', depth=50)))
load_from = 'stage_1.pth'
train_dataloader = dict(dataset=dict(type='mmsepbn.MultiProtocolDataset', datasets=dict(
    first=dict(type='A', pipeline=[]), second=dict(type='B'), left=dict(type='C')), use=['second', 'first']))
test_dataloader = dict(dataset=dict(type='A', pipeline=[dict(type='mmsepbn.FaceCrop', padding=1.5)]))
"""
COMMIT = '805af0d37223c0314a8770eb18e6f62d797db248'
META = dict(cfg=CONFIG, epoch=7, iter=70, seed=3, time='20261126_072932', mmengine_version=f'0.10.7{COMMIT}')
STATE = {'a.weight': torch.ones(2, 3), 'bn.running_mean': torch.zeros(2), 'sep.temperature': torch.tensor(1.0)}


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / 'epoch_7.pth'
    torch.save(dict(meta=META, state_dict=STATE, optimizer={}), path)
    return path


def test_a_config_that_was_left_out_is_said_with_its_reason(tmp_path):
    config = CONFIG + "custom_imports = dict(imports=['my_faces'])\n"
    torch.save(dict(meta=META | dict(cfg=config), state_dict=STATE), tmp_path / 'own.pth')
    info, about = about_checkpoint(tmp_path / 'own.pth')
    assert info is None
    assert '; its config imports my_faces, which is not read from a checkpoint' in as_text(info, about)
    torch.save(dict(state_dict=STATE), tmp_path / 'bare.pth')
    assert '; the file does not name the network' in as_text(*about_checkpoint(tmp_path / 'bare.pth'))


def test_all_of_a_checkpoint(checkpoint):
    store(checkpoint, {'haar': BoxMap(0.1, 0.2, 0.9)}, Calibration(0.02, 3.0, 0.08))
    info, about = about_checkpoint(checkpoint)
    assert [protocol.name for protocol in info.protocols] == ['300w']
    assert (info.padding, info.box_maps) == (1.5, {'haar': BoxMap(0.1, 0.2, 0.9)})
    assert about['network'] == dict(
        estimator='TopdownPoseEstimator', backbone='ResNeXt 50', norms=['SepBN'], branches=['Own'], parameters=6
    )
    assert about['training'] == dict(
        sets=['second', 'first'],
        epochs=7,
        iterations=70,
        seed=3,
        started_from='stage_1.pth',
        date='2026-11-26 07:29:32',
        mmengine='0.10.7',
        commit=COMMIT,
    )
    assert about['results'] == {}
    assert info.calibration == Calibration(0.02, 3.0, 0.08)


def test_a_checkpoint_of_weights_alone_tells_their_number(tmp_path):
    torch.save(STATE, tmp_path / 'weights.pth')
    info, about = about_checkpoint(tmp_path / 'weights.pth')
    assert info is None
    assert about['network'] == dict(parameters=6)
    assert about['training'] == {}


def test_files_that_are_no_checkpoints(tmp_path):
    with pytest.raises(FileNotFoundError):
        about_checkpoint(tmp_path / 'nowhere.pth')
    for content in (dict(meta={}, state_dict={}), dict(state_dict=[1]), dict(meta=3, a=4)):
        torch.save(content, tmp_path / 'empty.pth')
        with pytest.raises(CheckpointError, match=r'empty\.pth holds no weights'):
            about_checkpoint(tmp_path / 'empty.pth')


def test_box_maps_of_another_checkpoint_are_an_error(checkpoint):
    store(checkpoint, {'haar': BoxMap()})
    torch.save(dict(meta=META, state_dict=STATE, optimizer={}, more=1), checkpoint)
    with pytest.raises(ValueError, match='made for another checkpoint'):
        about_checkpoint(checkpoint)


def test_box_maps_in_a_published_checkpoint_and_beside_it(checkpoint):
    inside = dict(prediction=dict(box_maps=dict(haar=dict(scale=2.0), mtcnn=dict(scale=3.0))))
    store(checkpoint, {'haar': BoxMap(scale=0.5)})
    found = prediction_settings(checkpoint, dict(meta=inside))
    assert found == dict(box_maps={'haar': BoxMap(scale=0.5), 'mtcnn': BoxMap(scale=3.0)}, calibration=None)


def test_parameters_of_a_real_network_are_those_of_torch():
    from mmengine.registry import MODELS

    config = model_config()
    model = MODELS.build(config)
    trained = sum(parameter.numel() for parameter in model.parameters())
    found = about_network(dict(model=config), model.state_dict())
    assert found['parameters'] == trained
    assert (found['backbone'], found['norms']) == ('VanillaCNN', ['SepBN'])


def test_networks_of_the_configs():
    config = Config.fromfile(ROOT / 'configs' / 'bn_mobilenetv2_300w.py')
    found = about_network(config, {'bn.running_mean': torch.zeros(2)})
    assert (found['backbone'], found['norms'], found['parameters']) == ('MobileNetV2', ['BN'], 0)
    assert about_network(config, {})['norms'] == []


def test_an_empty_meta_tells_nothing():
    assert about_training({}) == {}
    assert about_training(dict(meta=dict(cfg='this is (', time='yesterday', mmengine_version='unknown'))) == dict(
        mmengine='unknown'
    )


def test_the_sum_of_weights_tells_names_types_shapes_and_values():
    state = {'b': torch.arange(3), 'a': torch.tensor(2.5)}
    digest = hashlib.sha256()
    digest.update(b'a torch.float32 ()\n' + np.float32(2.5).tobytes())
    digest.update(b'b torch.int64 (3,)\n' + np.arange(3).tobytes())
    assert weights_sha256(state) == digest.hexdigest()
    assert weights_sha256(dict(reversed(state.items()))) == digest.hexdigest()
    for name, value in (('a', torch.tensor(2.0)), ('a', torch.tensor([2.5])), ('b', torch.arange(3).int()), ('c', 1)):
        other = deepcopy(state) | {name: torch.as_tensor(value)}
        assert weights_sha256(other) != digest.hexdigest()


def test_weights_in_half_precision_and_brain_floats_have_a_sum():
    sums = {weights_sha256({'a': torch.ones(2, dtype=dtype)}) for dtype in (torch.half, torch.bfloat16, torch.float)}
    assert len(sums) == 3


def test_notes_of_a_published_checkpoint_are_plain():
    rows = {'wflw/NME': 4.0, 'wflw/lr': 'high', 'NME': 3}
    about = dict(licence='free', results={'test': rows, 'none': {'loss': 1.0}, 'odd': 3}, more=[])
    assert published_notes(dict(meta=dict(about=about))) == dict(licence='free', results={'test': {'wflw/NME': 4.0}})
    for meta in ({}, dict(about=3), dict(about={}), dict(about=dict(results=[3])), 5):
        assert published_notes(dict(meta=meta)) == {}


def test_results_in_the_folder_of_a_run(tmp_path):
    rows = {'wflw/NME': 4.5, 'wflw/pose/NME': 8.0, 'wflw/AUC_0.10': 0.5}
    (tmp_path / 'rows.json').write_text(json.dumps(rows | {'data_time': 0.1, 'wflw/note': 'good'}))
    (tmp_path / 'other.json').write_text('{"a/b": 1}')
    (tmp_path / 'list.json').write_text('[1]')
    (tmp_path / 'broken.json').write_text('{')
    (tmp_path / 'deep.json').write_text('[' * 100_000)
    (tmp_path / 'latin.json').write_bytes(b'{"\xe4": 1}')
    logs = tmp_path / '20261126_072932' / 'vis_data'
    logs.mkdir(parents=True)
    lines = [dict(loss=1.0, step=7), *({'wflw/NME': 10.0 - step, 'step': step} for step in (6, 7, 17))]
    good = '\n'.join(map(json.dumps, lines))
    (logs / 'scalars.json').write_bytes(b'{"\xe4": 1}\n' + b'[' * 100_000 + b'\n' + good.encode() + b'\n{"cut')
    assert results_in_folder(tmp_path / 'epoch_7.pth') == {'rows.json': rows, 'validation': {'wflw/NME': 3.0}}
    assert results_in_folder(tmp_path / 'best_wflw_NME_epoch_6.pth')['validation'] == {'wflw/NME': 4.0}
    assert 'validation' not in results_in_folder(tmp_path / 'published.pth')
