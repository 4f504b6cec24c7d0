"""Exported networks where there is neither torch nor OpenMMLab."""

import json
import subprocess
import sys

import pytest
from helpers import ROOT
from runtime_network import INFO, places

pytest.importorskip('onnxruntime')

# What is left is numpy, OpenCV, onnxruntime and what those need.
BLOCKED = (
    *('torch', 'torchvision', 'mmengine', 'mmcv', 'mmpose', 'mmdet', 'xtcocotools', 'pycocotools'),
    *('scipy', 'h5py', 'matplotlib', 'PIL', 'jinja2', 'sklearn', 'onnx', 'onnxscript'),
)
BLOCK = f"""
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {BLOCKED}:
            raise ImportError(f'{{name}} is not to be imported')
sys.meta_path.insert(0, Block())
"""


def python(code, *args):
    done = subprocess.run([sys.executable, '-c', BLOCK + code, *map(str, args)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_a_network_predicts(network_file):
    code = """
import numpy as np
from mmsepbn.runtime import OnnxNetwork
network = OnnxNetwork(sys.argv[1], threads=1)
print(network(np.full((2, 6, 8, 3), 9, np.uint8), ['wider_face'])['wider_face'].tolist())
"""
    expected = (9 + places(INFO.protocols[1])).tolist()
    assert json.loads(python(code, network_file)) == [expected, expected]


def test_info_tells_of_an_onnx_file(network_file):
    code = 'import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")'
    text = python(code, ROOT / 'tools' / 'info.py', network_file)
    assert '300w, 68 landmarks' in text
    assert 'padding 1.25' in text
    assert '4.50' in text
    known = json.loads(python(code, ROOT / 'tools' / 'info.py', network_file, '--json'))
    assert [protocol['name'] for protocol in known['protocols']] == ['300w', 'wider_face']
    assert known['box_maps']['haar']['scale'] == 0.9
    assert known['licence'] == 'none'
