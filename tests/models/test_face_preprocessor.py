"""The numbers and the meta of MMPose's preprocessor, from one operation on all images."""

import pytest
import torch
from mmpose.models import PoseDataPreprocessor
from mmpose.structures import PoseDataSample
from torch._subclasses.fake_tensor import FakeTensorMode

from mmsepbn import FacePreprocessor

USUAL = dict(mean=[127.5] * 3, std=[128.0] * 3, bgr_to_rgb=True)


def prepared(kind, images, settings):
    samples = [PoseDataSample() for _ in images]
    found = kind(**settings)(dict(inputs=list(images), data_samples=samples), training=True)
    return found['inputs'], [sample.metainfo for sample in found['data_samples']]


def images(*sizes, dtype=torch.uint8):
    generator = torch.Generator().manual_seed(0)
    return [torch.randint(0, 256, (3, *size), generator=generator).to(dtype) for size in sizes]


@pytest.mark.parametrize(
    'settings',
    [USUAL, dict(mean=[1, 2.5, 3], std=[4, 5, 6.5]), dict(rgb_to_bgr=True), dict(), USUAL | dict(pad_size_divisor=32)],
    ids=['usual', 'RGB', 'not normalized', 'nothing', 'padded'],
)
@pytest.mark.parametrize(
    'batch',
    [
        images((48, 40), (48, 40), (48, 40)),
        images((48, 40)),
        images((48, 40), (48, 40), dtype=torch.float32),
        [torch.zeros(48, 40, 3, dtype=torch.uint8).permute(2, 0, 1)] * 2,
        images((48, 40), (40, 48), (48, 40)),
        [*images((48, 40)), *images((48, 40), dtype=torch.float32)],
    ],
    ids=['three', 'one', 'float', 'channels last', 'two sizes', 'two types'],
)
def test_it_gives_the_bits_of_mmposes(settings, batch):
    own, meta = prepared(FacePreprocessor, batch, settings)
    expected, expected_meta = prepared(PoseDataPreprocessor, batch, settings)
    assert torch.equal(own, expected)
    assert (own.stride(), own.dtype) == (expected.stride(), expected.dtype)
    assert meta == expected_meta
    assert set(meta[0]) == {'batch_input_shape', 'pad_shape'}


@pytest.mark.parametrize('kind', [FacePreprocessor, PoseDataPreprocessor])
def test_grey_images_need_one_mean(kind):
    with pytest.raises(AssertionError, match='mean has 3 values'):
        prepared(kind, [torch.zeros(1, 8, 8)] * 2, dict(mean=[1, 2, 3], std=[1, 1, 1]))


def test_images_of_one_size_are_moved_at_once_and_the_host_waits_for_nothing():
    moved = []

    class Sample(PoseDataSample):
        def to(self, *args, **kwargs):
            moved.append(kwargs)
            return self

    with FakeTensorMode():
        preprocessor = FacePreprocessor()
        preprocessor._device = torch.device('cuda:0')
        data = preprocessor.cast_data(dict(inputs=[torch.zeros(3, 8, 8)] * 2, data_samples=[Sample()]))
    assert data['inputs'].shape == (2, 3, 8, 8)
    assert data['inputs'].device == torch.device('cuda:0')
    assert moved == [dict(non_blocking=True)]
