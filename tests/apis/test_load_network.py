"""Networks by their names: from an index to predictions, with and without onnxruntime and torch."""

import json
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from urllib.error import URLError

import numpy as np
import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from runtime_network import INFO, whole_network
from zoo_folder import add

from mmsepbn.apis import FaceLandmarker
from mmsepbn.apis.load_network import is_zoo_name, load_network
from mmsepbn.apis.network_info import network_info
from mmsepbn.apis.torch_network import TorchNetwork
from mmsepbn.checkpoints.file import CheckpointError
from mmsepbn.export.half_checkpoint import half_checkpoint
from mmsepbn.fitted.box_map import BoxMap
from mmsepbn.fitted.calibration import Calibration
from mmsepbn.zoo import index

IMAGE = np.full((20, 20, 3), 7, np.uint8)
BOX = [[4, 4, 12, 12]]


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """The folder where networks are looked for, without any."""
    monkeypatch.setattr(index, 'FOLDER', tmp_path)
    return tmp_path


@pytest.fixture
def published(zoo):
    """The network written by hand, as ``one``."""
    add(zoo, 'one', onnx=whole_network(zoo / 'one.onnx'))
    return zoo


def test_the_first_network_and_one_by_its_name(published):
    for arguments in ((), ('one',)):
        landmarker = FaceLandmarker(*arguments)
        assert landmarker.network.info == INFO
        (face,) = landmarker(IMAGE, boxes=BOX)
        # Landmark 0 of a crop of value 7 is at 7, 8; the crop of 8 x 6 pixels shows 10 x 10 from 3, 3 on.
        np.testing.assert_allclose(face.landmarks['wider_face'][0], [3 + 7 * 10 / 8, 3 + 8 * 10 / 6], rtol=1e-6)


def calibrated(folder):
    """Add to the index what its files do not hold."""
    (network,) = index.read_index(folder)
    curve = Calibration(half=0.01, slope=2.0, tolerance=0.05)
    index.write_index(folder, [replace(network, calibration=curve)])
    return curve


def test_a_calibration_of_the_index_is_used_for_names_files_and_copies(published, tmp_path_factory):
    with pytest.raises(ValueError, match='needs a network whose confidence was calibrated'):
        FaceLandmarker('one', confidence=2)
    curve = calibrated(published)
    copy = shutil.copy(published / 'one.onnx', tmp_path_factory.mktemp('elsewhere') / 'mine.onnx')
    for arguments in ((), ('one',), (published / 'one.onnx',), (copy,)):
        landmarker = FaceLandmarker(*arguments, confidence=2)
        assert landmarker.network.info == replace(INFO, calibration=curve)
        (face,) = landmarker(IMAGE, boxes=BOX)
        assert 0 < face.confidence < 1
    whole_network(copy, licence='another')
    assert load_network(copy).info == INFO, 'another network'


def test_a_provider_is_asked_for_as_of_an_onnx_file(published):
    with pytest.raises(ValueError, match=r"^FaceLandmarker\(device=\) must be among \[.*Got 'abacus'\.$"):
        FaceLandmarker(device='abacus')


def test_a_gpu_for_an_onnx_file_needs_its_package(published, monkeypatch):
    monkeypatch.setattr('onnxruntime.get_available_providers', lambda: ['CPUExecutionProvider'])
    said = r"^FaceLandmarker\(device=\) must be among \[.*Got 'cuda'\. On a GPU an ONNX file needs onnxruntime-gpu"
    for device in ('cuda', 'cuda:1'):
        with pytest.raises(ValueError, match=said):
            FaceLandmarker(published / 'one.onnx', device=device)


@pytest.mark.parametrize('device', ['cuda:1', 'mps'])
def test_a_bundled_network_may_run_on_a_gpu_in_torch(published, tmp_path_factory, monkeypatch, device):
    monkeypatch.setattr('onnxruntime.get_available_providers', lambda: ['CPUExecutionProvider'])
    for network in (None, 'one', published / 'one.onnx'):
        with pytest.raises(ValueError, match=r'Got .*\. --checkpoint one, checkpoint= in Python, runs it in torch\.$'):
            FaceLandmarker(network, device=device)
    own = whole_network(tmp_path_factory.mktemp('elsewhere') / 'own.onnx', licence='another')
    with pytest.raises(ValueError, match=r'^(?!.*--checkpoint)'):
        FaceLandmarker(own, device=device)


def test_damage_and_unknown_names_are_said(published):
    with pytest.raises(ValueError, match=r"There is no network 'two'\. The bundled networks are one\."):
        FaceLandmarker('two')
    with pytest.raises(ValueError, match=r'checkpoint=.*must be a checkpoint of the config one\.py\. Got none'):
        FaceLandmarker('one.py')
    with pytest.raises(FileNotFoundError, match=r'checkpoint a\.pth\.$'):
        FaceLandmarker(checkpoint='a.pth')
    file = published / 'one.onnx'
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r'one\.onnx is damaged'):
        FaceLandmarker()
    file.unlink()
    with pytest.raises(FileNotFoundError, match=r'one\.onnx'):
        FaceLandmarker()


def test_without_networks_it_says_what_to_give(zoo):
    with pytest.raises(ValueError, match=r'^No network is bundled yet: give a config and its checkpoint'):
        FaceLandmarker()


def test_what_may_be_a_name():
    assert is_zoo_name('sepbn_mobilenetv2')
    others = (None, 3, 'a.onnx', 'a.py', 'configs/a', './a')
    assert not any(map(is_zoo_name, others))


def run(code, *arguments, blocked=()):
    block = f"""
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {tuple(blocked)}:
            raise ImportError(f'{{name}} is not to be imported')
sys.meta_path.insert(0, Block())
from pathlib import Path
from mmsepbn.zoo import index
index.FOLDER = Path(sys.argv[1])
"""
    command = [sys.executable, '-c', block + code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


PREDICT = """
import numpy as np
from mmsepbn.apis import FaceLandmarker
image = np.full((20, 20, 3), 7, np.uint8)
print(FaceLandmarker('one')(image, boxes=[[4, 4, 12, 12]])[0].landmarks['wider_face'].tolist())
"""
FRAMEWORKS = ('torch', 'torchvision', 'mmengine', 'mmcv', 'mmpose', 'mmdet')
OTHERS = ('scipy', 'h5py', 'matplotlib', 'PIL', 'jinja2')


def test_a_name_needs_no_torch_and_one_of_both_is_needed(published):
    done = run(PREDICT, published, blocked=(*FRAMEWORKS, *OTHERS))
    (face,) = FaceLandmarker()(IMAGE, boxes=BOX)
    assert done.stdout.strip() == str(face.landmarks['wider_face'].tolist()), done.stderr
    checkpoint = published / 'one.pth'
    checkpoint.write_bytes(b'')
    add(published, 'one', onnx=published / 'one.onnx', checkpoint=checkpoint)
    done = run(PREDICT, published, blocked=(*FRAMEWORKS, 'onnxruntime'))
    assert done.stderr.strip().splitlines()[-1] == (
        'ImportError: It needs onnxruntime, pip install "mmsepbn[runtime]", or torch and MMPose: torch is not to be '
        'imported'
    )


def test_without_onnxruntime_the_checkpoint_is_used_and_it_is_said(tiny, zoo, monkeypatch):
    config, checkpoint = tiny
    cfg = Config.fromfile(config)
    info = replace(network_info(cfg), box_maps={'haar': BoxMap(0.1)})
    state = torch.load(checkpoint)['state_dict']
    torch.save(half_checkpoint({}, state, cfg, info, {'all': {'wflw/NME': 4.0}}, 'none'), zoo / 'one.pth')
    add(zoo, 'one', checkpoint=zoo / 'one.pth')
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    with pytest.warns(UserWarning, match=r'onnxruntime is missing, so one runs in torch: pip install "mmsepbn\['):
        network = load_network('one')
    assert isinstance(network, TorchNetwork)
    assert network.info == info
    crops = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), np.uint8)
    expected = TorchNetwork(config, checkpoint)(crops, ['wflw', 'cofw'])
    found = network(crops, ['wflw', 'cofw'])
    for name, points in found.items():
        assert 0 < np.abs(points - expected[name]).max() < 0.1
    for arguments in ((None, zoo / 'one.pth'), (None, 'one'), (config, 'one')):
        same = load_network(*arguments)(crops, ['wflw', 'cofw'])
        assert all((same[name] == points).all() for name, points in found.items())
    torch.save(dict(state_dict=state), zoo / 'one.pth')
    add(zoo, 'one', checkpoint=zoo / 'one.pth')
    with pytest.warns(UserWarning, match='runs in torch'), pytest.raises(ValueError, match='must contain its config'):
        load_network()


def test_a_checkpoint_whose_config_imports_modules_of_the_user_asks_for_the_config(tiny, tmp_path):
    config, checkpoint = tiny
    cfg = Config.fromfile(config)
    cfg.custom_imports = dict(imports=['mmsepbn.registry', 'my_faces'], allow_failed_imports=False)
    content = dict(meta=dict(cfg=cfg.pretty_text), state_dict=torch.load(checkpoint)['state_dict'])
    torch.save(content, tmp_path / 'own.pth')
    with pytest.raises(CheckpointError, match=r'own\.pth: its config imports my_faces, which is not run from a check'):
        FaceLandmarker(checkpoint=tmp_path / 'own.pth')
    assert 'my_faces' not in sys.modules
    assert load_network(config, tmp_path / 'own.pth').info == TorchNetwork(*tiny).info


@pytest.fixture
def addressed(tiny, tmp_path, monkeypatch):
    """An address whose checkpoint torch has fetched already, with its config in it."""
    config, checkpoint = tiny
    folder = tmp_path / 'hub' / 'checkpoints'
    folder.mkdir(parents=True)
    content = dict(meta=dict(cfg=Config.fromfile(config).pretty_text), state_dict=torch.load(checkpoint)['state_dict'])
    torch.save(content, folder / 'mine-0123abcd.pth')
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path / 'hub'))
    return 'https://nowhere.invalid/mine-0123abcd.pth'


def test_a_checkpoint_of_an_address_brings_its_config(tiny, addressed):
    crops = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 3), np.uint8)
    expected = TorchNetwork(*tiny)(crops, ['wflw'])['wflw']
    assert (FaceLandmarker(checkpoint=addressed).network(crops, ['wflw'])['wflw'] == expected).all()
    assert (load_network(tiny[0], addressed)(crops, ['wflw'])['wflw'] == expected).all()


@pytest.mark.parametrize(
    ('place', 'error', 'message'),
    [
        ('http://nowhere.invalid/a.pth', CheckpointError, 'http://nowhere.invalid/a.pth is refused'),
        ('s3://bucket/a.pth', CheckpointError, 's3://bucket/a.pth is refused'),
        ('https://127.0.0.1:1/a.pth', URLError, 'refused'),
        ('torchvision://nothing', CheckpointError, "the catalogue torchvision has no model 'nothing'"),
    ],
)
def test_addresses_that_bring_nothing(addressed, place, error, message):
    with pytest.raises(error, match=message):
        FaceLandmarker(checkpoint=place)
    with pytest.raises(FileNotFoundError, match=r'There is no ONNX file .*//a\.onnx\. Of addresses only checkpoints'):
        FaceLandmarker(f'{place.partition(":")[0]}://a.onnx')


@pytest.mark.slow
def test_info_and_export_take_an_address(addressed, tmp_path, monkeypatch, capsys):
    pytest.importorskip('onnxscript')
    for tool, *arguments in (('info.py', addressed), ('export.py', addressed, str(tmp_path / 'out.onnx'))):
        monkeypatch.setattr(sys, 'argv', [tool, *arguments])
        runpy.run_path(str(ROOT / 'tools' / tool), run_name='__main__')
    printed = capsys.readouterr().out
    assert 'file       mine-0123abcd.pth\n' in printed
    assert '300w, 68 landmarks' in printed
    assert load_network(tmp_path / 'out.onnx').info == load_network(checkpoint=addressed).info


def test_info_tells_of_a_name_without_torch(published):
    code = 'import runpy; sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name="__main__")'
    tool = ROOT / 'tools' / 'info.py'
    calibrated(published)
    done = run(code, published, tool, 'one', blocked=(*FRAMEWORKS, *OTHERS))
    assert '300w, 68 landmarks' in done.stdout, done.stderr
    assert 'a disagreement of 1 % of the side' in done.stdout
    file = published / 'one.onnx'
    assert f'file       one.onnx, {file.stat().st_size / 1e6:.2f} MB' in done.stdout
    assert 'results: found boxes' in done.stdout, 'of the index, as they may be newer'
    named, by_path = (run(code, published, tool, name, '--json', blocked=FRAMEWORKS) for name in ('one', file))
    assert named.stdout == by_path.stdout
    assert json.loads(named.stdout)['file'] == dict(name='one.onnx', size=file.stat().st_size)
    done = run(code, published, tool, 'two', blocked=(*FRAMEWORKS, *OTHERS))
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        "error: There is no network 'two'. The bundled networks are one.",
    )
