"""Separable Batch Normalization (SepBN).

Paper: arXiv:2101.06663, Sec. III-B, Eq. 5-7, Fig. 1.
Differs from a plain reading on purpose: the K routes share one affine-free BatchNorm, because with one input they
have one set of statistics; in evaluation statistics, routes and attention fold into one scale and shift; the
temperature is a buffer, because it decides the output and so belongs into the checkpoint.
It holds a BatchNorm rather than being one, since SyncBN conversion replaces every BatchNorm by a plain one: so it
converts the statistics and leaves the routes.
"""

from typing import Any

import torch
from torch import Tensor, nn

from mmsepbn.models.norms.batch_norm_checkpoint import translate_batch_norm
from mmsepbn.models.norms.functional import Aggregation, fold_statistics, map_channels, mix_routes, route_weights
from mmsepbn.models.norms.fx_leaf import fx_leaf
from mmsepbn.models.norms.part_rows import part_rows
from mmsepbn.models.norms.route_attention import RouteAttention
from mmsepbn.registry import MODELS


@MODELS.register_module()
class SepBN(nn.Module):
    """BatchNorm with K sets of scale and shift, mixed for each sample and channel group by attention.

    Input and output: (N, C, H, W). K = 1 is BatchNorm exactly and has no attention. Use it wherever MMCV builds a
    norm: ``norm_cfg=dict(type='mmsepbn.SepBN')``, with :class:`TemperatureAnnealingHook` in training. Checkpoints of
    a BatchNorm, with (C,) scale and shift, load: every route takes them, the attention stays as it is.

    Args:
        num_features: C.
        num_routes: K, sets of scale and shift.
        num_groups: G, must divide C.
        pool_size: S, side of the pooled map that the attention sees.
        temperature: T of the softmax over routes, above 0; kept in the buffer ``temperature``.
        aggregation: ``soft`` mixes the routes; ``hard`` takes the strongest one, the attention then gets no gradient
            (in DDP set ``find_unused_parameters=True``).
        eps, momentum: as in BatchNorm.
        init_spread: standard deviation of the initial scale about 1 and shift about 0, so that routes can part. None:
            0.1, or 0 for K = 1. Containers that reset a norm's ``weight`` and ``bias`` (MMCV's ConvModule) undo it;
            :class:`SepBNBackbone` parts the routes after that.
        attention_channels: widths of the attention's convolution and hidden layer.
        standardize_attention: standardize the attention's input and logits over the batch, which keeps it from staying
            uniform and from saturating; see :class:`RouteAttention`. Not in the paper.

    Attributes:
        weight, bias: scale and shift, (K, C).
        temperature: T, a scalar buffer.

    Raises:
        ValueError: a parameter out of its range; C not divisible by G.
    """

    temperature: Tensor
    _abbr_ = 'bn'  # MMCV then names the layer bn1, bn2, ..., so that checkpoints of BN networks match

    def __init__(
        self,
        num_features: int,
        num_routes: int = 3,
        num_groups: int = 4,
        pool_size: int = 4,
        temperature: float = 30.0,
        aggregation: Aggregation = 'soft',
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        init_spread: float | None = None,
        attention_channels: tuple[int, int] = (8, 16),
        standardize_attention: bool = False,
    ) -> None:
        super().__init__()
        for name, value in (('num_routes', num_routes), ('num_groups', num_groups), ('pool_size', pool_size)):
            if value < 1:
                raise ValueError(f'SepBN({name}=) must be at least 1. Got {value}.')
        if num_features % num_groups:
            raise ValueError(
                f'SepBN(num_groups=) must divide num_features. Got {num_groups} groups of {num_features} features.'
            )
        if aggregation not in ('soft', 'hard'):
            raise ValueError(f"SepBN(aggregation=) must be 'soft' or 'hard'. Got {aggregation!r}.")
        self.num_features, self.num_routes, self.num_groups, self.pool_size = (
            num_features,
            num_routes,
            num_groups,
            pool_size,
        )
        self.aggregation = aggregation
        self.init_spread = init_spread if init_spread is not None else (0.1 if num_routes > 1 else 0.0)
        # First child: MMEngine's and MMCV's conv-BN fusion pairs a convolution with the BatchNorm that follows it.
        self.norm = nn.BatchNorm2d(num_features, eps=eps, momentum=momentum, affine=False)
        self.weight = nn.Parameter(torch.empty(num_routes, num_features))
        self.bias = nn.Parameter(torch.empty(num_routes, num_features))
        self.register_buffer('temperature', torch.tensor(1.0))
        self.route_attention: nn.Module | None = (
            RouteAttention(num_features, num_routes, num_groups, pool_size, *attention_channels, standardize_attention)
            if num_routes > 1
            else None
        )
        self.set_temperature(temperature)
        self.reset_routes()

    def reset_routes(self) -> None:
        """Draw scale and shift anew: normal about 1 and 0 with standard deviation ``init_spread``."""
        nn.init.normal_(self.weight, 1.0, self.init_spread)
        nn.init.normal_(self.bias, 0.0, self.init_spread)

    def part_routes(self) -> None:
        """Part routes that are all equal, as after loading a BatchNorm, by ``init_spread``; see :func:`part_rows`."""
        part_rows(self.weight, self.bias, self.init_spread)

    def reset_attention(self) -> None:
        """Initialize the attention anew, where a container took its layers for its own."""
        for module in self.route_attention.modules() if self.route_attention is not None else ():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.reset_parameters()

    @torch.no_grad()
    def set_temperature(self, temperature: float) -> None:
        """Set T. Raises ValueError unless it is above 0."""
        if not temperature > 0:
            raise ValueError(f'SepBN(temperature=) must be above 0. Got {temperature}.')
        self.temperature.fill_(temperature)

    def attention(self, x: Tensor) -> Tensor:
        """Weights of the routes, (N, C, H, W) -> (N, K, G) in float32; over K they sum to 1 for each (n, g)."""
        if self.route_attention is None:
            return x.new_ones((x.shape[0], 1, self.num_groups), dtype=self.weight.dtype)
        return route_weights(self.route_attention(x), self.temperature, self.aggregation)

    @fx_leaf
    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W) of the same dtype. Raises ValueError for any other rank."""
        if x.dim() != 4:
            raise ValueError(f'SepBN expects an input of shape (N, C, H, W). Got {tuple(x.shape)}.')
        with torch.autocast(device_type=x.device.type, enabled=False):
            gamma, beta = mix_routes(self.attention(x), self.weight, self.bias)
        if self.norm.training:
            return map_channels(self.norm(x), gamma, beta)
        mean, var = self.norm.get_buffer('running_mean'), self.norm.get_buffer('running_var')
        # The folded shift can be large; half precision would round it before it cancels.
        full = torch.promote_types(x.dtype, torch.float32)
        scale, shift = fold_statistics(gamma.to(full), beta.to(full), mean.to(full), var.to(full), self.norm.eps)
        return map_channels(x.to(full), scale, shift).to(x.dtype)

    def extra_repr(self) -> str:
        """Settings, as printed by ``print(model)``."""
        return (
            f'{self.num_features}, num_routes={self.num_routes}, num_groups={self.num_groups}, '
            f'pool_size={self.pool_size}, aggregation={self.aggregation!r}'
        )

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        """Read a BatchNorm's entries as those of a SepBN; see the class docstring."""
        translate_batch_norm(state_dict, prefix, self)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
