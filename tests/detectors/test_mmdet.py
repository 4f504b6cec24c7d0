"""MMDetection's detectors: what their results and classes mean; and the whole way, in a process of its own."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.structures import InstanceData
from tiny_landmarker import write_network

from mmsepbn.detectors.make import make_detector
from mmsepbn.detectors.mmdet import face_label, faces_of


def test_instances_of_the_label_of_faces_with_good_scores():
    boxes = torch.tensor([[0.0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]])
    instances = InstanceData(bboxes=boxes, scores=torch.tensor([0.9, 0.2, 0.75]), labels=torch.tensor([0, 0, 1]))
    assert faces_of(instances).boxes.tolist() == [[0, 1, 2, 3]]
    found = faces_of(instances, 1)
    assert (found.boxes.tolist(), found.scores.tolist()) == ([[8, 9, 10, 11]], [0.75])
    assert faces_of(instances[:0]).boxes.shape == (0, 4)


def test_the_class_of_faces():
    assert face_label(1, ['person']) == face_label(1, []) == 0
    assert face_label(3, ['person', 'FACE', 'car']) == 1
    with pytest.raises(ValueError, match=r'a detector of 80 classes .* named? face. Got person, bicycle, car, \.\.\.$'):
        face_label(80, ['person', 'bicycle', 'car', 'bus'])
    with pytest.raises(ValueError, match='Got no names'):
        face_label(2, [])


@pytest.mark.skipif(importlib.util.find_spec('mmcv._ext') is not None, reason='the full mmcv is installed')
def test_mmcv_lite_is_refused_though_its_operators_can_be_imported():
    import mmcv.ops  # noqa: F401  # as networks in torch do

    with pytest.raises(ImportError, match=r'mim install mmcv mmdet; mmcv-lite has none') as caught:
        make_detector('mmdet:a.py:b.pth')
    assert '\n' not in str(caught.value)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec('mmdet') is None, reason='MMDetection is not installed')
def test_real_detectors(tmp_path):
    command = [sys.executable, Path(__file__).with_name('mmdet_checks.py'), *write_network(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ['noise.png: 3 faces', 'written: predictions']
