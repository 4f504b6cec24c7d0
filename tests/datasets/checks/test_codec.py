"""Codecs of a pipeline and of a head that do not belong together."""

import pytest
from torch import nn

from mmsepbn.codecs import PixelLabel
from mmsepbn.datasets.checks.codec import codec_problem
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.protocols import COFW
from mmsepbn.registry import KEYPOINT_CODECS

PIXELS = dict(type='mmsepbn.PixelLabel', input_size=(128, 128))
SIMCC = dict(type='mmpose.SimCCLabel', input_size=(128, 128), sigma=4.9, simcc_split_ratio=2.0)
HEATMAP = dict(type='mmpose.MSRAHeatmap', input_size=(128, 128), heatmap_size=(32, 32), sigma=1)
UDP = dict(type='mmpose.UDPHeatmap', input_size=(128, 128), heatmap_size=(32, 32), sigma=1)
# It keeps none of these as its own.
INTEGRAL = dict(type='mmpose.IntegralRegressionLabel', input_size=(128, 128), heatmap_size=(32, 32), sigma=1)


class Faces(FaceDataset):
    PROTOCOL = COFW


class OwnLabel(PixelLabel):
    """A user's, which decodes in another way."""


class ShiftedLabel(PixelLabel):
    """A user's, which encodes in another way."""

    def encode(self, keypoints, keypoints_visible=None):
        return super().encode(keypoints + 0.5, keypoints_visible)


class NeedsMore(PixelLabel):
    """A user's, which needs more than landmarks."""

    auxiliary_encode_keys = frozenset({'scale'})

    def __init__(self, input_size, power=1):
        super().__init__(input_size)
        self.power = power

    def encode(self, keypoints, keypoints_visible, scale):
        return super().encode(keypoints * scale**self.power, keypoints_visible)


def problem(encoder, decoder, **target):
    target = dict(type='mmpose.GenerateTarget', encoder=encoder, **target)
    dataset = Faces(ann_file='none.json', lazy_init=True, pipeline=[dict(type='mmpose.LoadImage'), target])
    head = nn.Module()
    head.decoder = decoder if isinstance(decoder, PixelLabel | None) else KEYPOINT_CODECS.build(decoder)
    several = nn.Module()
    several.branches = nn.ModuleDict(dict(aflw=nn.Module(), cofw=head))
    assert codec_problem(dataset, several) == codec_problem(dataset, head)
    return codec_problem(dataset, head)


@pytest.mark.parametrize(
    ('encoder', 'decoder'),
    [
        (PIXELS, PIXELS),
        (PIXELS, PIXELS | dict(input_size=[128, 128])),
        (PIXELS, OwnLabel((128, 128))),
        (PIXELS, NeedsMore((128, 128))),
        (dict(type=NeedsMore, input_size=(128, 128)), NeedsMore((128, 128))),
        (SIMCC, SIMCC | dict(use_dark=True)),
        (SIMCC | dict(decode_visibility=True, decode_beta=10.0), SIMCC),
        (UDP, UDP | dict(blur_kernel_size=7)),
        (SIMCC, SIMCC),
        (INTEGRAL, INTEGRAL),
        ([HEATMAP | dict(sigma=2), HEATMAP], HEATMAP),
        (PIXELS, None),
    ],
)
def test_codecs_that_agree(encoder, decoder):
    assert problem(encoder, decoder, multilevel=isinstance(encoder, list)) is None


@pytest.mark.parametrize(
    ('encoder', 'decoder', 'expected'),
    [
        (PIXELS, SIMCC, 'SimCCLabel. Got PixelLabel, which makes other targets.'),
        (
            PIXELS,
            PIXELS | dict(input_size=(64, 128)),
            'PixelLabel(input_size=[64, 128]). Got PixelLabel(input_size=[128, 128]).',
        ),
        (PIXELS, ShiftedLabel((128, 128)), 'ShiftedLabel. Got PixelLabel, which makes other targets.'),
        (
            dict(type=NeedsMore, input_size=(128, 128)),
            NeedsMore((128, 128), 2),
            'NeedsMore(power=2). Got NeedsMore(power=1).',
        ),
        (
            INTEGRAL | dict(sigma=2),
            INTEGRAL,
            'IntegralRegressionLabel. Got IntegralRegressionLabel, which makes other targets.',
        ),
        (UDP, UDP | dict(sigma=2), 'UDPHeatmap(sigma=2). Got UDPHeatmap(sigma=1).'),
        (SIMCC, SIMCC | dict(sigma=6.0), 'SimCCLabel(sigma=[6.0, 6.0]). Got SimCCLabel(sigma=[4.9, 4.9]).'),
        (
            [HEATMAP | dict(sigma=2), PIXELS],
            HEATMAP,
            'MSRAHeatmap(sigma=1). Got MSRAHeatmap(sigma=2), PixelLabel(sigma=None).',
        ),
    ],
)
def test_codecs_that_do_not_are_named(encoder, decoder, expected):
    assert (
        problem(encoder, decoder)
        == f"GenerateTarget(encoder=) of Faces must be the codec of the head's decoder, {expected}"
    )


def test_a_set_is_compared_with_its_own_branch():
    dataset = Faces(ann_file='none.json', lazy_init=True, pipeline=[dict(type='mmpose.GenerateTarget', encoder=PIXELS)])
    head = nn.Module()
    head.branches = nn.ModuleDict({name: nn.Module() for name in ('aflw', 'cofw')})
    head.branches['aflw'].decoder = KEYPOINT_CODECS.build(SIMCC)
    head.branches['cofw'].decoder = KEYPOINT_CODECS.build(PIXELS)
    assert codec_problem(dataset, head) is None
    assert codec_problem(dataset, None) is None
