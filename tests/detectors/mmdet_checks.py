"""Checks of ``--faces mmdet:CONFIG:WEIGHTS`` that test_mmdet.py runs in a process of its own, in an empty folder.

There MMCV has its operators, which the other tests are to do without, and MMDetection is the real one, with a small
RTMDet of random weights. Its first argument is a config, the second a checkpoint of a landmark network.
"""

import json
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmcv_operators import provide_operators

provide_operators()
import mmdet.apis  # noqa: E402
from mmdet.registry import MODELS  # noqa: E402
from mmengine.config import Config  # noqa: E402
from mmengine.registry import DefaultScope  # noqa: E402

from mmsepbn.apis import FaceLandmarker  # noqa: E402
from mmsepbn.detectors.make import make_detector  # noqa: E402

ROOT = Path(__file__).parents[2]
BASE = "_base_ = 'mmdet::rtmdet/rtmdet_tiny_8xb32-300e_coco.py'\n"
IMAGE = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)


def write_detector(name: str, *classes: str) -> str:
    """A config and a checkpoint of random weights; returns what ``--faces`` names them by."""
    Path(f'{name}.py').write_text(
        f'{BASE}model = dict(backbone=dict(deepen_factor=0.167, widen_factor=0.125, init_cfg=None), neck=dict('
        'in_channels=[32, 64, 128], out_channels=32, num_csp_blocks=1), bbox_head=dict(in_channels=32, '
        f'feat_channels=32, exp_on_reg=False, num_classes={len(classes)}))\n'
        'test_dataloader = dict(dataset=dict(pipeline=[dict(type="LoadImageFromFile"), dict(type="Resize", '
        'scale=(160, 160), keep_ratio=True), dict(type="Pad", size=(160, 160)), dict(type="PackDetInputs", '
        'meta_keys=("ori_shape", "img_shape", "scale_factor"))], _delete_=True, type="CocoDataset"))\n'
    )
    torch.manual_seed(len(classes))
    with DefaultScope.overwrite_default_scope('mmdet'):
        network = MODELS.build(Config.fromfile(f'{name}.py').model)
    for scores, distances in zip(network.bbox_head.rtm_cls, network.bbox_head.rtm_reg, strict=True):
        torch.nn.init.zeros_(scores.bias)  # scores of about a half
        torch.nn.init.constant_(distances.bias, 2.0)  # boxes of about four strides
    torch.save(dict(meta=dict(dataset_meta=dict(classes=classes)), state_dict=network.state_dict()), f'{name}.pth')
    return f'mmdet:{name}.py:{name}.pth'


def check_faces_of_a_class(name: str, label: int) -> None:
    """They are MMDetection's own of that label, the largest first, but for those in the padding below the image."""
    with DefaultScope.overwrite_default_scope('mmdet'):
        network = mmdet.apis.init_detector(f'{name}.py', f'{name}.pth', device='cpu')
        every = mmdet.apis.inference_detector(network, IMAGE).pred_instances
    wanted = every[(every.labels == label) & (every.scores >= 0.3)]
    assert 0 < len(wanted) < len(every), (len(wanted), len(every))
    padding = (wanted.bboxes[:, 0] >= IMAGE.shape[1]) | (wanted.bboxes[:, 1] >= IMAGE.shape[0])
    assert padding.any(), 'some that it finds there lie beside the image'
    wanted = wanted[~padding]
    areas = (wanted.bboxes[:, 2:] - wanted.bboxes[:, :2]).prod(1)
    found = make_detector(f'mmdet:{name}.py:{name}.pth')(IMAGE)
    order = torch.argsort(areas, descending=True, stable=True)
    np.testing.assert_allclose(found.boxes, wanted.bboxes[order], rtol=1e-6)
    np.testing.assert_allclose(found.scores, wanted.scores[order], rtol=1e-6)


def check_refused(detector: str, *words: str) -> None:
    """In one line that names what is wrong."""
    with pytest.raises(ValueError, match=r'^--faces mmdet:CONFIG:WEIGHTS must be a face detector of MMDet') as caught:
        make_detector(detector)
    assert '\n' not in str(caught.value)
    assert all(word in str(caught.value) for word in words), caught.value


def without_a_tensor(name: str) -> str:
    """The same detector, whose weights leave its last tensor as it was initialized."""
    content = torch.load(f'{name}.pth')
    content['state_dict'].popitem()
    torch.save(content, 'less.pth')
    return f'mmdet:{name}.py:less.pth'


def check_predictions(detector: str, *network: str) -> None:
    """With a network in torch, whose own scope stays; of the tool too, where a grey image has no face."""
    landmarkers = [FaceLandmarker(*network, faces=detector, max_faces=3) for _ in range(2)]
    first, second = [landmarker(IMAGE) for landmarker in landmarkers]
    assert [face.box.tolist() for face in first] == [face.box.tolist() for face in second]
    cv2.imwrite('noise.png', IMAGE)
    options = ['--config', network[0], '--checkpoint', network[1], '--faces', detector, '--max-faces', '3']
    sys.argv = ['predict.py', 'noise.png', *options, '--save', 'json']
    runpy.run_path(str(ROOT / 'tools' / 'predict.py'), run_name='__main__')
    written = json.loads(Path('predictions/noise.json').read_text())['faces']
    assert [face['detector'] for face in written] == 3 * ['mmdet']
    np.testing.assert_allclose([face['box'] for face in written], [face.box for face in first], atol=1e-3)


if __name__ == '__main__':
    torch.set_num_threads(1)
    one, three = write_detector('one', 'person'), write_detector('three', 'person', 'car', 'Face')
    check_faces_of_a_class('three', 2)
    assert len(make_detector(one)(IMAGE).boxes) > 0, 'the only class, whatever its name'
    check_refused(write_detector('two', 'person', 'car'), 'a detector of 2 classes', 'Got person, car')
    check_refused(without_a_tensor('one'), '1 tensors are missing', 'bbox_head.')
    check_refused('mmdet:one.py:three.pth', 'size mismatch')
    check_refused('mmdet:gone.py:one.pth', 'config file gone.py')
    check_refused('mmdet:one.py:gone.pth', 'checkpoint gone.pth')
    check_refused(f'mmdet:{sys.argv[1]}:one.pth', 'tensors are missing')
    check_predictions(one, *sys.argv[1:3])
