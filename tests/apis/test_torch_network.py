"""Where the weights of a network in torch come from."""

import shutil
from unittest.mock import Mock
from urllib.error import URLError

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS
from mmpose.models.data_preprocessors import PoseDataPreprocessor

from mmsepbn.apis.prediction_settings import store
from mmsepbn.apis.torch_network import TorchNetwork, carried_config
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.fitted.box_map import BoxMap

CROPS = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3), np.uint8)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Where torch keeps what it has fetched."""
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    (tmp_path / 'hub' / 'checkpoints').mkdir(parents=True)
    return tmp_path / 'hub' / 'checkpoints'


@pytest.mark.parametrize('query', ['', '?token=1', f'?token={300 * "1"}'], ids=['plain', 'query', 'long query'])
def test_weights_come_from_an_address(tiny, cache, query):
    config, checkpoint = tiny
    shutil.copy(checkpoint, cache / 'far-0123abcd.pth')
    network = TorchNetwork(config, f'https://example.org/a/far-0123abcd.pth{query}')
    expected = TorchNetwork(config, checkpoint)
    assert network.info == expected.info
    assert np.array_equal(network(CROPS, ['wflw'])['wflw'], expected(CROPS, ['wflw'])['wflw'])


def test_addresses_that_give_nothing(tiny, cache):
    with pytest.raises(URLError):
        TorchNetwork(tiny[0], 'https://127.0.0.1:1/x.pth')
    with pytest.raises(CheckpointError, match=r'^http://example\.org/x\.pth is refused: .*only https'):
        TorchNetwork(tiny[0], 'http://example.org/x.pth')


def test_a_missing_file_is_named_and_the_home_folder_is_known(tiny, tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r'^There is no checkpoint runs/x\.pth\.$'):
        TorchNetwork(tiny[0], 'runs/x.pth')
    monkeypatch.setenv('HOME', str(tmp_path))
    store(shutil.copy(tiny[1], tmp_path / 'mine.pth'), {'haar': BoxMap(0.1)})
    assert TorchNetwork(tiny[0], '~/mine.pth').info.box_maps == {'haar': BoxMap(0.1)}


@pytest.mark.parametrize('carried', [False, True])
def test_a_checkpoint_is_read_once(tiny, tmp_path, monkeypatch, carried):
    content = torch.load(tiny[1]) | dict(meta=dict(cfg=Config.fromfile(tiny[0]).pretty_text))
    torch.save(content, tmp_path / 'own.pth')
    monkeypatch.setattr(torch, 'load', read := Mock(wraps=torch.load))
    network = TorchNetwork(None if carried else tiny[0], tmp_path / 'own.pth')
    assert read.call_count == 1
    assert network.info == TorchNetwork(*tiny).info


def test_a_carried_config_with_a_protocol_of_the_user_asks_for_the_config(tiny, tmp_path):
    config = Config.fromfile(tiny[0])
    config.model.head.protocols = ['300w', 'köpfe37']
    torch.save(torch.load(tiny[1]) | dict(meta=dict(cfg=config.pretty_text)), tmp_path / 'own.pth')
    message = r"own\.pth: its config names the protocol 'köpfe37', which is defined in a module of yours: give the con"
    for load in (lambda path: TorchNetwork(None, path), carried_config):
        with pytest.raises(CheckpointError, match=message):
            load(tmp_path / 'own.pth')


def test_a_preprocessor_of_the_user_gets_a_list_as_in_training(tiny, tmp_path):
    @MODELS.register_module(force=True)
    class OwnPreprocessor(PoseDataPreprocessor):
        def forward(self, data, training=False):
            assert isinstance(data['inputs'], list)
            return super().forward(data, training)

    expected = TorchNetwork(*tiny)(CROPS, ['wflw'])['wflw']
    for kind in (OwnPreprocessor, PoseDataPreprocessor):
        config = Config.fromfile(tiny[0])
        config.model.data_preprocessor.type = kind.__name__
        assert np.array_equal(TorchNetwork(config, tiny[1])(CROPS, ['wflw'])['wflw'], expected)


@pytest.mark.parametrize(
    ('crops', 'protocol', 'message'),
    [
        (CROPS.astype(np.float32), 'wflw', r'crops=.*uint8 of shape \(N, 128, 128, 3\)\. Got float32'),
        (CROPS[0], 'wflw', r'Got uint8 of shape \(128, 128, 3\)'),
        (CROPS[:, 1:], 'wflw', r'Got uint8 of shape \(2, 127, 128, 3\)'),
        (CROPS, 'aflw', r"protocols=.*among \['300w', 'wflw', 'cofw'\]\. Got \['aflw'\]"),
    ],
)
def test_what_it_cannot_predict_is_refused_as_by_an_onnx_network(tiny, crops, protocol, message):
    with pytest.raises(ValueError, match=message):
        TorchNetwork(*tiny)(crops, [protocol])
