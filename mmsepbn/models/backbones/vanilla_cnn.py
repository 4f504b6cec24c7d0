"""The paper's Vanilla CNN: six blocks of convolution, norm, LeakyReLU and max pooling (Table I)."""

from collections.abc import Collection, Sequence
from typing import Any

from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmsepbn.registry import MODELS

_SLOPE = 0.01


@MODELS.register_module()
class VanillaCNN(BaseModule):
    """Blocks of Conv 3x3 (stride 1, padding 1, with bias) - norm - LeakyReLU(0.01) - MaxPool 2x2.

    (N, 3, H, W) -> a tuple of one map (N, widths[-1], H / 2^B, W / 2^B) for B blocks: 2048 x 2 x 2 from 128 pixels.
    Widths, kernels and slope are ours where Table I lacks them in our source (docs/architecture.md).
    The convolutions keep their bias, as in the released code, although a BatchNorm after them cancels it.

    Args:
        widths: output channels of each block.
        norm_cfg: norm of the blocks in ``norm_stages``; None for no norm at all.
        norm_stages: 0-based blocks that get ``norm_cfg``; the others get plain BN (Table VI places SepBN by input
            resolution in this way). None: all blocks.
        in_channels: channels of the input.
        init_cfg: as in MMEngine; None keeps the convolutions Kaiming normal (LeakyReLU gain, fan out), bias 0.

    Raises:
        ValueError: ``norm_stages`` names a block that does not exist.
    """

    def __init__(
        self,
        widths: Sequence[int] = (64, 128, 256, 512, 1024, 2048),
        norm_cfg: dict[str, Any] | None = None,
        norm_stages: Collection[int] | None = None,
        in_channels: int = 3,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        stages = set(range(len(widths)) if norm_stages is None else norm_stages)
        if unknown := sorted(stages - set(range(len(widths)))):
            raise ValueError(f'VanillaCNN(norm_stages=) must lie in 0..{len(widths) - 1}. Got {unknown}.')
        self.blocks = nn.ModuleList()
        for stage, width in enumerate(widths):
            block_norm = norm_cfg if norm_cfg is None or stage in stages else dict(type='BN')
            self.blocks.append(_Block(in_channels, width, block_norm))
            in_channels = width

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """(N, in_channels, H, W) -> ((N, widths[-1], H', W'),)."""
        for block in self.blocks:
            x = block(x)
        return (x,)


class _Block(nn.Sequential):
    """Conv - norm - LeakyReLU - MaxPool; convolutions start Kaiming normal (LeakyReLU gain, fan out), bias 0."""

    def __init__(self, in_channels: int, out_channels: int, norm_cfg: dict[str, Any] | None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1)
        nn.init.kaiming_normal_(self.conv.weight, a=_SLOPE, mode='fan_out', nonlinearity='leaky_relu')
        nn.init.constant_(self.conv.get_parameter('bias'), 0.0)
        if norm_cfg is not None:
            self.bn = build_norm_layer(norm_cfg, out_channels)[1]
        self.act = nn.LeakyReLU(_SLOPE, inplace=True)
        self.pool = nn.MaxPool2d(2)
