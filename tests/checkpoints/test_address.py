import json
import os
import stat
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import URLError
from urllib.request import build_opener

import pytest
import torch
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import get_mmcls_models, get_torchvision_models

from mmsepbn import registry  # noqa: F401
from mmsepbn.checkpoints.address import HttpsRedirects, _download, _place_of, require_present
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
        torch.save(content, tmp_path / 'home' / address if address == 'mine/x.pth' else _place_of(address))

    return put


ADDRESSES = [
    ('https://a.b/c/x.pth', 'https://a.b/c/x.pth'),
    ('https://a.b/c/x-0123abcd.pth?token=1', 'https://a.b/c/x-0123abcd.pth'),
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
    with pytest.raises(CheckpointError, match=r'is refused: only https:// addresses are read'):
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


def test_files_of_one_name_are_kept_apart_unless_a_checksum_tells_them_from_others(fetched, tmp_path):
    hub = tmp_path / 'hub' / 'checkpoints'
    assert _place_of('https://a.b/resnet18-f37072fd.pth') == hub / 'resnet18-f37072fd.pth'
    assert _place_of('https://c.d/x/resnet18-f37072fd.pth?a=1') == hub / 'resnet18-f37072fd.pth'
    assert _place_of('https://a.b/td-hm_res50-0e67c616_20220913.pth') == hub / 'td-hm_res50-0e67c616_20220913.pth'
    addresses = ['a.b/best.pth', 'c.d/best.pth', 'a.b/get?id=1', 'a.b/get?id=2', 'a.b/', 'a.b/x-20200708.pth', 'a.b/x']
    places = {_place_of(f'https://{address}') for address in addresses}
    assert len(places) == len(addresses)
    assert {place.parent for place in places} == {hub}


class Content(BaseHTTPRequestHandler):
    """Answers with six bytes; is silent, or breaks off, where it is asked for that."""

    def do_GET(self):
        if 'silence' in self.path:
            threading.Event().wait(1.0)
            return
        self.send_response(200)
        if 'broken' in self.path:
            self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        self.wfile.write(b'bytes\n')

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    """Address of a server that answers once."""
    with HTTPServer(('127.0.0.1', 0), Content) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield f'http://127.0.0.1:{server.server_port}'
        thread.join()


# printf 'bytes\n' | sha256sum
SHA256 = '95cc8e8ec5526640'


def test_what_was_fetched_can_be_read_by_those_whom_the_umask_lets(server, tmp_path):
    before = os.umask(0o027)
    try:
        _download(f'{server}/x-{SHA256[:8]}.pth', tmp_path / f'x-{SHA256[:8]}.pth')
    finally:
        os.umask(before)
    (file,) = tmp_path.iterdir()
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b'bytes\n', 0o640)


def test_a_file_that_is_not_that_of_its_checksum_is_refused(server, tmp_path):
    with pytest.raises(CheckpointError, match=rf'SHA-256 must begin with 0123abcd, as its name says. Got {SHA256}'):
        _download(f'{server}/x-0123abcd.pth', tmp_path / 'x-0123abcd.pth')
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_silent_is_not_waited_for(server, tmp_path, monkeypatch):
    monkeypatch.setattr('mmsepbn.checkpoints.address._TIMEOUT', 0.1)
    with pytest.raises(URLError, match=f'{server}/silence: .*timed out'):
        _download(f'{server}/silence', tmp_path / 'x.pth')
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_breaks_off_names_its_address(server, tmp_path):
    with pytest.raises(URLError, match=f'{server}/broken: IncompleteRead'):
        _download(f'{server}/broken', tmp_path / 'x.pth')
    assert list(tmp_path.iterdir()) == []


def test_only_local_checkpoints_are_looked_for_ahead(tmp_path):
    for place in ('https://nowhere.invalid/a.pth', 'torchvision://nothing', 's3://bucket/a.pth'):
        require_present(place)
    torch.save({}, tmp_path / 'a.pth')
    require_present(str(tmp_path / 'a.pth'))
    for place, error, message in (
        ('nowhere.pth', FileNotFoundError, r'There is no checkpoint nowhere\.pth'),
        (str(tmp_path), FileNotFoundError, 'is a folder, not a checkpoint'),
        (__file__, CheckpointError, 'is not a checkpoint: it does not begin as'),
    ):
        with pytest.raises(error, match=message):
            require_present(place)
