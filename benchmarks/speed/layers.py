"""One norm layer: SepBN and what it is compared with."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.ops import SqueezeExcitation

from benchmarks.speed.measure import Call
from mmsepbn.models import SepBN

Shape = tuple[int, int, int, int]


@dataclass(frozen=True)
class Setting:
    """How something is computed.

    Attributes:
        compiled: by torch.compile.
        half: under automatic mixed precision with bfloat16.
        channels_last: memory format of maps and weights.
    """

    compiled: bool = False
    half: bool = False
    channels_last: bool = False

    @property
    def name(self) -> str:
        """Such as ``compile, bf16, channels_last``."""
        words = (('eager', 'compile'), ('fp32', 'bf16'), ('NCHW', 'channels_last'))
        chosen = (self.compiled, self.half, self.channels_last)
        return ', '.join(pair[number] for pair, number in zip(words, chosen, strict=True))

    @property
    def memory_format(self) -> torch.memory_format:
        """Of torch."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def autocast(self, device: torch.device) -> torch.autocast | nullcontext[None]:
        """The context of the forward pass."""
        return torch.autocast(device.type, torch.bfloat16) if self.half else nullcontext()


class KBatchNorms(nn.Module):
    """SepBN computed as it is told: K whole BatchNorms of the input, weighted by its attention and summed as maps."""

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1) -> None:
        super().__init__()
        self.layer = SepBN(num_features)
        self.norms = nn.ModuleList(nn.BatchNorm2d(num_features, eps, momentum) for _ in range(self.layer.num_routes))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same."""
        weights = self.layer.attention(x).repeat_interleave(x.shape[1] // self.layer.num_groups, dim=2)
        maps = torch.stack([norm(x) for norm in self.norms], dim=1)
        return (maps * weights.to(maps.dtype)[..., None, None]).sum(dim=1)


class BatchNormSE(nn.BatchNorm2d):
    """BatchNorm, then squeeze and excitation with a sixteenth of the channels.

    It takes twice the scale and shift of a BatchNorm's checkpoint, since the excitation starts near 1/2.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1) -> None:
        super().__init__(num_features, eps, momentum)
        self.excitation = SqueezeExcitation(num_features, max(num_features // 16, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same."""
        return self.excitation(super().forward(x))

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        own = self.excitation.state_dict(prefix=f'{prefix}excitation.')
        if not own.keys() & state_dict.keys():
            doubled = {prefix + name: 2 * state_dict[prefix + name] for name in ('weight', 'bias')}
            state_dict.update(own | doubled)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


NORMS: dict[str, Callable[[int], nn.Module]] = {
    'BN': nn.BatchNorm2d,
    'SepBN': SepBN,
    'K BatchNorms': KBatchNorms,
    'BN + SE': BatchNormSE,
}


def layer_call(
    make: Callable[[int], nn.Module], shape: Shape, training: bool, device: torch.device, setting: Setting
) -> Call:
    """A forward pass of a new layer and, in training, its backward pass, input's gradient included."""
    dtype = torch.bfloat16 if setting.half else torch.float32
    x, dy = (torch.randn(shape, device=device, dtype=dtype) for _ in range(2))
    x, dy = (t.to(memory_format=setting.memory_format) for t in (x, dy))
    layer = make(shape[1]).to(device).train(training)
    wanted = [x.requires_grad_(training), *layer.parameters()]
    forward = torch.compile(layer) if setting.compiled else layer

    def call() -> None:
        with torch.set_grad_enabled(training):
            with setting.autocast(device):
                y = forward(x)
            if training:
                torch.autograd.grad(y, wanted, dy.to(y.dtype), allow_unused=True)

    return call
