import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import URLError
from urllib.request import build_opener

import pytest
import torch
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import get_mmcls_models, get_torchvision_models

from mmsepbn import registry  # noqa: F401
from mmsepbn.checkpoints.address import HttpsRedirects
from mmsepbn.checkpoints.file import CheckpointError


class Executable:
    """Makes a file when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f'touch {self.path}',)


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """Put content where torch keeps what it has fetched from an address."""
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    monkeypatch.setenv('MMENGINE_HOME', str(tmp_path / 'home'))
    (tmp_path / 'hub' / 'checkpoints').mkdir(parents=True)
    (tmp_path / 'home' / 'mine').mkdir(parents=True)
    (tmp_path / 'home' / 'open_mmlab.json').write_text(json.dumps(dict(mine='mine/x.pth', far='http://a.b/x.pth')))

    def put(address, content):
        name = address.rpartition('/')[2]
        folder = tmp_path / 'home' / 'mine' if address == 'mine/x.pth' else tmp_path / 'hub' / 'checkpoints'
        torch.save(content, folder / name)

    return put


ADDRESSES = [
    ('https://a.b/c/x.pth', 'https://a.b/c/x.pth'),
    ('https://a.b/c/x.pth?token=1', 'https://a.b/c/x.pth'),
    ('torchvision://resnet18', get_torchvision_models()['resnet18']),
    ('modelzoo://resnet18', get_torchvision_models()['resnet18']),
    ('mmcls://mobilenet_v2', get_mmcls_models()['mobilenet_v2']),
    ('open-mmlab://mine', 'mine/x.pth'),
    ('openmmlab://mine', 'mine/x.pth'),
]


@pytest.mark.parametrize(('name', 'address'), ADDRESSES)
def test_what_comes_from_an_address_runs_no_code(fetched, tmp_path, name, address):
    fetched(address, dict(state_dict={'backbone.w': torch.ones(2)}, payload=Executable(tmp_path / 'ran')))
    with pytest.raises(CheckpointError, match=r'is refused: .*could run code'):
        CheckpointLoader.load_checkpoint(name, 'cpu', logger=None)
    assert not (tmp_path / 'ran').exists()


@pytest.mark.parametrize(('name', 'address'), ADDRESSES)
def test_weights_come_from_every_address(fetched, name, address):
    fetched(address, dict(state_dict={'backbone.w': torch.ones(2)}, meta=dict(config='x')))
    loaded = CheckpointLoader.load_checkpoint(name, 'cpu', logger=None)
    key = 'w' if name.startswith('mmcls') else 'backbone.w'  # as MMEngine does
    assert loaded['state_dict'][key].tolist() == [1, 1]
    assert 'config' not in loaded.get('meta', {})


@pytest.mark.parametrize(
    'name', ['http://a.b/x.pth', 'pavi://x', 's3://a/x.pth', 'open-mmlab:s3://a/x.pth', 'petrel://x', 'openmmlab://far']
)
def test_addresses_without_encryption_are_refused(fetched, name):
    with pytest.raises(CheckpointError, match=r'is refused: of addresses only https:// is read'):
        CheckpointLoader.load_checkpoint(name, 'cpu', logger=None)


@pytest.mark.parametrize('name', ['torchvision://resnet', 'mmcls://x', 'open-mmlab://x'])
def test_a_model_that_the_catalogue_lacks_is_named(name):
    with pytest.raises(CheckpointError, match=rf'{name}: the catalogue .* has no model'):
        CheckpointLoader.load_checkpoint(name, 'cpu', logger=None)


def test_an_address_that_cannot_be_fetched_leaves_no_file(fetched, tmp_path):
    with pytest.raises(URLError):
        CheckpointLoader.load_checkpoint('https://127.0.0.1:1/x.pth', 'cpu', logger=None)
    assert list((tmp_path / 'hub' / 'checkpoints').iterdir()) == []


class Elsewhere(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302)
        self.send_header('Location', 'http://127.0.0.1:1/x.pth')
        self.end_headers()

    def log_message(self, *args):
        pass


def test_a_server_cannot_lead_away_from_encryption():
    with HTTPServer(('127.0.0.1', 0), Elsewhere) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(URLError, match=r'leads to http://127.0.0.1:1/x.pth, which is not https'):
            build_opener(HttpsRedirects()).open(f'http://127.0.0.1:{server.server_port}/x.pth')
        thread.join()
