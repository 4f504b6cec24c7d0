"""tools/export.py and tools/info.py on a network that was just trained."""

import json
import os
import runpy
import sys

import numpy as np
import pytest
import torch
from helpers import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope

from mmsepbn.protocols import WFLW

TINY = ROOT / 'tests' / 'data' / 'tiny_sepbn_wflw.py'
pytestmark = pytest.mark.slow


def test_a_trained_network_becomes_a_file_that_says_what_it_is(run_tool, tmp_path):
    pytest.importorskip('onnxscript')
    pytest.importorskip('onnxruntime')
    from mmsepbn.apis.torch_network import TorchNetwork
    from mmsepbn.runtime import OnnxNetwork

    run_tool('tools/train.py', TINY, '--work-dir', 'run', '--cfg-options', 'train_cfg.max_epochs=1')
    checkpoint = tmp_path / 'run' / 'epoch_1.pth'
    run_tool('tools/test.py', TINY, checkpoint, '--work-dir', 'test', '--out', 'run/rows.json')
    output = run_tool('tools/export.py', TINY, checkpoint, 'out/landmarks.onnx', '--fp16', '--licence', 'for the test')
    assert 'weights float16, opset 18' in output
    assert 'image pixels on 4 faces of the test set.' in output
    assert os.listdir(tmp_path / 'out') == ['landmarks.onnx']

    network = OnnxNetwork(tmp_path / 'out' / 'landmarks.onnx', threads=1)
    assert (network.info.protocols, network.info.input_size, network.info.padding) == ((WFLW,), (128, 128), 1.0)
    crops = np.random.default_rng(0).integers(0, 256, (3, 128, 128, 3), np.uint8)
    expected = TorchNetwork(TINY, checkpoint)(crops, ['wflw'])['wflw']
    difference = np.abs(network(crops, ['wflw'])['wflw'] - expected).max()
    assert 0 < difference < 0.1

    whole = json.loads(run_tool('tools/info.py', checkpoint, '--json'))
    told = json.loads(run_tool('tools/info.py', 'out/landmarks.onnx', '--json'))
    for part in ('protocols', 'network', 'training', 'results', 'weights_sha256', 'padding'):
        assert told[part] == whole[part]
    assert told['results']['rows.json'] == json.loads((tmp_path / 'run' / 'rows.json').read_text())
    assert set(told['results']) == {'rows.json', 'validation'}
    assert told['training']['sets'] == ['WFLWDataset']
    assert (told['training']['epochs'], told['licence']) == (1, 'for the test')
    assert 'VanillaCNN, norms SepBN' in run_tool('tools/info.py', checkpoint)


@pytest.fixture
def run_here(monkeypatch, tmp_path, capsys):
    """Run a tool in this process, in an empty folder; returns what it ends with and what it prints to stderr."""

    def run(tool, *args):
        monkeypatch.setattr(sys, 'argv', [tool, *map(str, args)])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(ROOT / tool), run_name='__main__')
        return f'{end.value}{capsys.readouterr().err}'

    monkeypatch.chdir(tmp_path)
    return run


def test_missing_packages_are_named(monkeypatch, run_here):
    from mmsepbn.export import export_network

    monkeypatch.setattr(export_network, 'PACKAGES', ('torch', 'onnx_of_nowhere'))
    message = run_here('tools/export.py', TINY, 'wflw.pth', 'x.onnx')
    assert 'Exporting needs onnx_of_nowhere: pip install "mmsepbn[export]".' in message


def test_what_a_user_may_get_wrong_is_one_line(run_here, tmp_path):
    onnx = pytest.importorskip('onnx')
    config = Config.fromfile(TINY)
    init_default_scope('mmpose')
    content = dict(state_dict=MODELS.build(config.model).state_dict())
    torch.save(content, 'wflw.pth')
    other = ('--cfg-options', "model.head.protocols=['300w']")
    assert "has branches for ['wflw'], the model for ['300w']" in run_here(
        'tools/export.py', TINY, 'wflw.pth', 'x.onnx', *other
    )
    unknown = run_here('tools/export.py', TINY, 'wflw.pth', 'x.onnx', '--cfg-options', 'model.backbone.type=Foo')
    assert unknown.startswith('error: KeyError: Foo is not in the mmpose::model registry.')
    odd = "test_dataloader = dict(dataset=dict(pipeline=[dict(type='FaceCrop', input_size=128)]))"
    torch.save(dict(content, meta=dict(cfg=f"model = dict(head=dict(protocols=['wflw']))\n{odd}")), 'odd.pth')
    assert run_here('tools/info.py', 'odd.pth').startswith('error: cannot unpack non-iterable int object')
    misspelled = run_here('tools/export.py', TINY, 'five_protocol', 'x.onnx')
    assert 'There is no checkpoint five_protocol. The bundled networks are five_protocols.' in misspelled
    assert 'There is no checkpoint nowhere.pth' in run_here('tools/export.py', TINY, 'nowhere.pth', 'x.onnx')
    assert 'There is no config file' in run_here('tools/export.py', 'nowhere.py', 'wflw.pth', 'x.onnx')
    assert 'must end in .onnx' in run_here('tools/export.py', TINY, 'wflw.pth', 'x.pt')
    assert not list(tmp_path.glob('*.onnx'))
    assert 'There is no ONNX file' in run_here('tools/info.py', 'x.onnx')
    (tmp_path / 'x.onnx').write_bytes(onnx.ModelProto().SerializeToString())
    assert 'x.onnx is no' in run_here('tools/info.py', 'x.onnx')
