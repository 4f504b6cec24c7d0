"""A network as a function from crops to landmarks, against MMPose's whole way of predicting."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS
from tiny_network import SIZE, build, model_config

from mmsepbn.export.check import faces_to_check, predicted_by_mmpose
from mmsepbn.export.crop_network import CropNetwork, ExportError
from mmsepbn.protocols import get_protocol
from mmsepbn.runtime.network import NetworkInfo

RLE = dict(type='mmpose.RLEHead', in_channels=8, decoder=dict(type='mmpose.RegressionLabel', input_size=SIZE))
REGRESSION = RLE | dict(type='mmpose.RegressionHead')
SIMCC = dict(
    type='mmpose.SimCCHead',
    in_channels=8,
    input_size=SIZE,
    in_featuremap_size=(1, 1),
    deconv_out_channels=None,
    decoder=dict(type='mmpose.SimCCLabel', input_size=SIZE),
)
INTEGRAL = dict(
    type='mmpose.IntegralRegressionHead',
    in_channels=8,
    in_featuremap_size=(1, 1),
    deconv_out_channels=None,
    decoder=dict(type='mmpose.RegressionLabel', input_size=SIZE),
)


def counted(head, name, key='num_joints'):
    return head | {key: get_protocol(name).num_landmarks}


def require_mmposes_predictions(model, size=SIZE):
    faces = faces_to_check({}, NetworkInfo((), size, padding=1.2), 3)
    crops = np.stack([item['inputs'].permute(1, 2, 0).numpy() for item in faces.packed])
    with torch.no_grad():
        found = CropNetwork(model)(torch.from_numpy(crops))
    for landmarks, name in zip(found, model.head.branches, strict=True):
        for row, face in enumerate(faces.packed):
            meta = face['data_samples'].metainfo
            scale = meta['input_scale'] / size
            in_image = landmarks[row].numpy() * scale + meta['input_center'] - meta['input_scale'] / 2
            expected = predicted_by_mmpose(model, crops, faces, name)[row]
            assert expected.shape == (get_protocol(name).num_landmarks, 2)
            np.testing.assert_allclose(in_image, expected, rtol=1e-4, atol=1e-3)
        assert landmarks.std(0).max() > 0.01


@pytest.mark.parametrize(
    'change',
    [
        dict(),
        dict(data_preprocessor=dict(type='PoseDataPreprocessor', bgr_to_rgb=True)),
        dict(data_preprocessor=dict(type='PoseDataPreprocessor', mean=[1, 20, 90], std=[9, 70, 50])),
        dict(data_preprocessor=dict(type='PoseDataPreprocessor', mean=[9], std=[70], rgb_to_bgr=True)),
        dict(test_cfg=dict(flip_test=True)),
    ],
    ids=['as in the configs', 'not normalized', 'BGR', 'one mean', 'flip test'],
)
def test_landmarks_are_mmposes(change):
    require_mmposes_predictions(build(Config(dict(model_config()) | change)))


@pytest.mark.parametrize('test_cfg', [{}, dict(flip_test=True), dict(flip_test=True, shift_coords=False)])
def test_so_are_those_of_mmposes_own_heads(test_cfg):
    config = model_config(**{'300w': counted(RLE, '300w'), 'wider_face': counted(REGRESSION, 'wider_face')})
    config.neck = dict(type='mmpose.GlobalAveragePooling')
    config.test_cfg = test_cfg
    require_mmposes_predictions(build(config))


# Shifted coordinates concern MMPose's heads alone.
@pytest.mark.parametrize(('size', 'shift_coords'), [((64, 128), True), ((128, 64), False)])
def test_crops_need_not_be_square(size, shift_coords):
    decoder = dict(type='mmpose.RegressionLabel', input_size=size)
    config = model_config(**{'300w': counted(RLE | dict(decoder=decoder), '300w')})
    config.head.branch.decoder.input_size = size
    config.neck = dict(type='mmpose.GlobalAveragePooling')
    config.test_cfg = dict(flip_test=True, shift_coords=shift_coords)
    require_mmposes_predictions(build(config), size)


def test_branches_that_do_not_end_in_coordinates_are_refused_by_name():
    with pytest.raises(ExportError, match="'300w' is a SimCCHead with the codec SimCCLabel"):
        CropNetwork(MODELS.build(model_config(**{'300w': counted(SIMCC, '300w', 'out_channels')})))
    network = CropNetwork(MODELS.build(model_config(**{'300w': counted(INTEGRAL, '300w')})))
    with pytest.raises(ExportError, match="'300w' must return coordinates"):
        network(torch.zeros(2, 64, 64, 3, dtype=torch.uint8))


def test_networks_that_need_the_ground_truth_are_refused():
    config = model_config()
    config.backbone.norm_cfg = dict(type='mmsepbn.BruteForceSepBN')
    for estimator in ('TopdownPoseEstimator', 'mmsepbn.DomainRoutedEstimator'):
        config.type = estimator
        with pytest.raises(ExportError, match=r'BruteForceSepBN cannot be exported.*ground truth'):
            CropNetwork(MODELS.build(config))


def test_another_head_is_named():
    config = model_config()
    config.head = counted(REGRESSION, '300w')
    with pytest.raises(ExportError, match=r'must be of the class MultiProtocolHead\. Got RegressionHead'):
        CropNetwork(MODELS.build(config))
