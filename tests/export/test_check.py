"""The comparison of an exported file with its network, in image pixels."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from tiny_network import SIZE, build, model_config

import mmsepbn.registry  # noqa: F401
from mmsepbn.export.check import faces_to_check, largest_difference
from mmsepbn.export.crop_network import CropNetwork, ExportError
from mmsepbn.export.export_network import require_close
from mmsepbn.protocols import FACE_300W, WIDER_FACE
from mmsepbn.runtime.network import NetworkInfo

INFO = NetworkInfo((FACE_300W, WIDER_FACE), SIZE, padding=1.1)


class Shifted:
    """The network itself in place of its file, with one coordinate of one face's nose moved."""

    info = INFO

    def __init__(self, model, shift):
        self.network, self.shift = CropNetwork(model), shift

    @torch.no_grad()
    def __call__(self, crops, protocols):
        found = [landmarks.numpy().copy() for landmarks in self.network(torch.from_numpy(crops))]
        found[1][2, WIDER_FACE.nose_tip, 1] += self.shift
        return dict(zip(protocols, found, strict=True))


@pytest.fixture(scope='module')
def model():
    return build(model_config())


@pytest.fixture(scope='module')
def faces():
    return faces_to_check({}, INFO, 4)


def test_the_network_itself_differs_by_rounding_alone(model, faces):
    assert largest_difference(model, Shifted(model, 0), faces) < 1e-4


def test_one_wrong_coordinate_counts_in_pixels_of_its_image(model, faces):
    side = faces.packed[2]['data_samples'].metainfo['input_scale'][1]
    assert side > 100
    expected = 0.5 * side / SIZE[1]
    assert largest_difference(model, Shifted(model, -0.5), faces) == pytest.approx(expected, rel=1e-3)


def test_nan_is_the_largest(model, faces):
    assert np.isnan(largest_difference(model, Shifted(model, np.nan), faces))


@pytest.mark.parametrize(('half', 'fits', 'too_much'), [(False, 0.0099, 0.0101), (True, 0.099, 0.101)])
def test_limits(half, fits, too_much):
    require_close(fits, half)
    for difference in (too_much, np.nan, np.inf):
        with pytest.raises(ExportError, match='--fp16. is too coarse' if half else 'Nothing was written'):
            require_close(difference, half)


def test_faces_come_from_the_test_set_where_it_is(synthetic_wflw):
    crop = dict(type='mmsepbn.FaceCrop', input_size=SIZE)
    pipeline = [dict(type='mmsepbn.LoadFaceImage'), crop, dict(type='mmsepbn.PackFaceInputs')]
    dataset = dict(
        type='mmsepbn.WFLWDataset',
        data_root=str(synthetic_wflw),
        data_prefix=dict(img='WFLW_images'),
        ann_file='WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt',
        test_mode=True,
        pipeline=pipeline,
    )
    config = Config(dict(test_dataloader=dict(dataset=dataset)))
    assert [faces_to_check(config, INFO, count).source for count in (2, 16)] == [
        '2 faces of the test set',
        '4 faces of the test set',
    ]
    images = {face['data_samples'].metainfo['img_path'] for face in faces_to_check(config, INFO, 16).packed}
    assert len(images) == 4
    config.test_dataloader.dataset.data_root = str(synthetic_wflw / 'nowhere')
    drawn = faces_to_check(config, INFO, 2)
    assert drawn.source.startswith('2 synthetic faces, without the test set (')
    assert 'nowhere' in drawn.source


def test_drawn_faces_differ_and_are_cut_as_the_network_wants_them(faces):
    assert faces.source == '4 synthetic faces, without the test set (the config has none)'
    inputs = [face['inputs'] for face in faces.packed]
    assert all(crop.shape == (3, 64, 64) and crop.dtype == torch.uint8 and crop.float().std() > 20 for crop in inputs)
    assert not torch.equal(inputs[0], inputs[1])
