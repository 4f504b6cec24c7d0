import pytest
import torch
from mmengine.analysis import get_model_complexity_info
from torch import nn

from mmsepbn.models import LandmarkRegressionHead, SepBN, VanillaCNN

NARROW = (4, 4, 8, 8, 8, 8)


def released_network(norm_cfg):
    """Vanilla CNN with 2048 hidden units and 98 landmarks, the width of the released code."""
    backbone = VanillaCNN(norm_cfg=norm_cfg)
    head = LandmarkRegressionHead(2048, 98, hidden_channels=(2048,), in_featuremap_size=(2, 2))
    return nn.ModuleDict(dict(backbone=backbone, head=head))


class Regressor(nn.Module):
    def __init__(self, parts):
        super().__init__()
        self.parts = parts

    def forward(self, x):
        return self.parts['head'](self.parts['backbone'](x))


def test_parameters_and_multiplications_are_the_published_ones():
    """The authors publish 42.33 M parameters and 1.56 GMac for this network without norm."""
    network = Regressor(released_network(None))
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(42.33, abs=0.005)
    complexity = get_model_complexity_info(network, (3, 128, 128), show_table=False, show_arch=False)
    assert complexity['flops'] / 1e9 == pytest.approx(1.56, abs=0.005)


def test_sepbn_adds_less_than_two_percent_of_the_parameters():
    plain = sum(p.numel() for p in released_network(dict(type='BN')).parameters())
    separable = sum(p.numel() for p in released_network(dict(type='mmsepbn.SepBN')).parameters())
    assert 1 < separable / plain < 1.02


def test_table_1_shape():
    (feature,) = VanillaCNN(widths=NARROW, norm_cfg=dict(type='BN'))(torch.randn(2, 3, 128, 128))
    assert feature.shape == (2, 8, 2, 2)


def test_convolutions_start_kaiming_normal_over_their_outputs_and_without_bias():
    """The variance is 2 / (1 + slope^2) over the number of outputs: channels times the 9 places of the kernel."""
    torch.manual_seed(0)
    for block in VanillaCNN(widths=(32, 128), norm_cfg=dict(type='BN')).blocks:
        expected = (2 / (1 + 0.01**2) / (block.conv.out_channels * 9)) ** 0.5
        torch.testing.assert_close(block.conv.weight.std(), torch.tensor(expected), rtol=0.1, atol=0)
        assert not block.conv.bias.any()


def test_norm_stages_choose_the_blocks():
    backbone = VanillaCNN(widths=NARROW, norm_cfg=dict(type='mmsepbn.SepBN'), norm_stages=(0, 5))
    assert [type(block.bn) for block in backbone.blocks] == [SepBN, *[nn.BatchNorm2d] * 4, SepBN]


def test_unknown_stage_is_named():
    with pytest.raises(ValueError, match=r'norm_stages=\) must lie in 0..5. Got \[6\]'):
        VanillaCNN(widths=NARROW, norm_cfg=dict(type='BN'), norm_stages=(6,))


def test_a_block_is_convolution_norm_leaky_relu_and_pooling():
    backbone = VanillaCNN(widths=(4,), norm_cfg=dict(type='BN')).eval()
    x, conv = torch.randn(1, 3, 6, 6), backbone.blocks[0].conv
    pre = nn.functional.conv2d(x, conv.weight, padding=1) + conv.bias.view(1, -1, 1, 1)
    pre = pre / (1 + 1e-5) ** 0.5
    expected = nn.functional.max_pool2d(torch.where(pre > 0, pre, 0.01 * pre), 2)
    torch.testing.assert_close(backbone(x)[0], expected)
