"""Separable Batch Normalization (SepBN): the layer.

Paper: arXiv:2101.06663, Sec. III-B, Eq. 5-7, Fig. 1. The arithmetic is in :mod:`functional`, the attention in
:mod:`route_attention`.
Deliberate differences from a literal implementation: normalization and mapping are one pass over the input; the
temperature is a buffer, because it affects the output and so belongs in the checkpoint.
The authors' release is another layer than the paper's. It has K complete BatchNorms, where the paper merges their
normalization (with the same input they have the same statistics); an attention on the globally averaged input with
C / 10 hidden units; and a single group of channels (G = 1).
SepBN wraps an affine-free BatchNorm instead of subclassing it, because ``convert_sync_batchnorm`` replaces subclasses
and would drop the routes.
"""

import functools
import logging
import math
from numbers import Integral, Real
from typing import Any

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from mmsepbn.models.norms.batch_norm_state import translate_batch_norm
from mmsepbn.models.norms.functional import (
    Aggregation,
    map_normalized,
    mix_routes,
    perturb_routes,
    route_weights,
)
from mmsepbn.models.norms.fx_leaf import fx_leaf
from mmsepbn.models.norms.normalize_and_map import can_fuse, normalize_and_map
from mmsepbn.models.norms.pool_sparse_grad import pool_sparse_grad
from mmsepbn.models.norms.route_attention import RouteAttention
from mmsepbn.registry import MODELS

FIRST_TEMPERATURE = 30.0  # where the annealing starts


@MODELS.register_module()
class SepBN(nn.Module):
    """BatchNorm with K sets of scale and shift, mixed for each sample and channel group by attention.

    Input and output: (N, C, H, W). K = 1 is BatchNorm exactly and has no attention. Use it wherever MMCV builds a
    norm: ``norm_cfg=dict(type='mmsepbn.SepBN')``, with :class:`TemperatureAnnealingHook` in training. Checkpoints of a
    BatchNorm, with (C,) scale and shift, can be loaded: every route takes them, the attention is unchanged.

    Args:
        num_features: C.
        num_routes: K, sets of scale and shift.
        num_groups: G, must divide C.
        pool_size: S, side of the pooled map that the attention sees.
        temperature: T of the softmax over routes, above 0; kept in the buffer ``temperature``. None: 30, where the
            annealing starts; training logs a warning if T was not set before.
        aggregation: ``soft`` mixes the routes; ``hard`` takes the strongest one, the attention then gets no gradient
            (in DDP set ``find_unused_parameters=True``).
        eps: added to the variance, as in BatchNorm.
        momentum: of the running statistics, as in BatchNorm.
        init_std: standard deviation of the initial scale about 1 and shift about 0, so that routes can diverge. None:
            0.1, or 0 for K = 1. Containers that reset a norm's ``weight`` and ``bias`` (MMCV's ConvModule) undo it;
            :class:`SepBNBackbone` perturbs the routes after that.
        attention_channels: widths of the attention's convolution and hidden layer.

    Attributes:
        weight: scale of each route and channel, (K, C).
        bias: shift of each route and channel, (K, C).
        temperature: T, a scalar buffer.

    Raises:
        ValueError: a parameter out of its range; C not divisible by G.
    """

    temperature: Tensor
    _temperature_is_set = True  # this and the next: of layers pickled before these attributes existed
    _given_temperature: float | None = None
    _abbr_ = 'bn'  # MMCV then names the layer bn1, bn2, ..., so that checkpoints of BN networks match

    def __init__(
        self,
        num_features: int,
        *,  # BatchNorm's second is eps
        num_routes: int = 3,
        num_groups: int = 4,
        pool_size: int = 4,
        temperature: float | None = None,
        aggregation: Aggregation = 'soft',
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        init_std: float | None = None,
        attention_channels: tuple[int, int] = (8, 16),
    ) -> None:
        super().__init__()
        for name, value in (('num_routes', num_routes), ('num_groups', num_groups), ('pool_size', pool_size)):
            if not _is_count(value):
                raise ValueError(f'SepBN({name}=) must be a whole number of at least 1. Got {value!r}.')
        if num_features % num_groups:
            raise ValueError(
                f'SepBN(num_groups=) must divide num_features. Got {num_groups} groups of {num_features} features.'
            )
        if aggregation not in ('soft', 'hard'):
            raise ValueError(f"SepBN(aggregation=) must be 'soft' or 'hard'. Got {aggregation!r}.")
        if init_std is not None and not (isinstance(init_std, Real) and 0 <= init_std < math.inf):
            raise ValueError(f'SepBN(init_std=) must be a finite number of at least 0, or None. Got {init_std!r}.')
        if (
            not isinstance(attention_channels, list | tuple)
            or len(attention_channels) != 2
            or not all(map(_is_count, attention_channels))
        ):
            raise ValueError(
                'SepBN(attention_channels=) must be two whole numbers of at least 1, the widths of the convolution and '
                f'of the hidden layer. Got {attention_channels!r}.'
            )
        self.num_features, self.num_routes = num_features, num_routes
        self.num_groups, self.pool_size = num_groups, pool_size
        self.aggregation = aggregation
        self.init_std = init_std if init_std is not None else (0.1 if num_routes > 1 else 0.0)
        # First child: MMEngine's and MMCV's conv-BN fusion pairs a convolution with the BatchNorm that follows it.
        self.norm = nn.BatchNorm2d(num_features, eps=eps, momentum=momentum, affine=False)
        self.weight = nn.Parameter(torch.empty(num_routes, num_features))
        self.bias = nn.Parameter(torch.empty(num_routes, num_features))
        self.register_buffer('temperature', torch.tensor(1.0))
        self.route_attention: nn.Module | None = (
            RouteAttention(num_features, num_routes, num_groups, pool_size, *attention_channels)
            if num_routes > 1
            else None
        )
        self._given_temperature = temperature
        self._reset_temperature()
        self.reset_routes()

    def reset_parameters(self) -> None:
        """Reset statistics, routes, attention and temperature, as torch's layers do in this method."""
        self.norm.reset_parameters()
        self._reset_temperature()
        self.reset_attention()
        self.reset_routes()

    def _reset_temperature(self) -> None:
        given = self._given_temperature
        self.set_temperature(FIRST_TEMPERATURE if given is None else given)
        self._temperature_is_set = given is not None

    def reset_routes(self) -> None:
        """Initialize scale and shift: normal around 1 and 0 with standard deviation ``init_std``."""
        nn.init.normal_(self.weight, 1.0, self.init_std)
        nn.init.normal_(self.bias, 0.0, self.init_std)

    def perturb_routes(self) -> None:
        """Add noise of ``init_std`` to routes that are all equal, as after loading a BatchNorm."""
        perturb_routes(self.weight, self.bias, self.init_std)

    def reset_attention(self) -> None:
        """Initialize the attention again, if a container initialized its layers as its own."""
        for module in self.route_attention.modules() if self.route_attention is not None else ():
            if isinstance(module, nn.Conv2d | nn.Linear):
                module.reset_parameters()

    @torch.no_grad()
    def set_temperature(self, temperature: float) -> None:
        """Set T. Raises ValueError unless it is a number above 0."""
        if not isinstance(temperature, Real | Tensor) or not temperature > 0:
            raise ValueError(f'SepBN(temperature=) must be above 0. Got {temperature!r}.')
        self.temperature.fill_(temperature)
        self._temperature_is_set = True

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
        if self.training and not torch.compiler.is_compiling():  # logging would break the graph
            self._warn_if_temperature_unset()
        attended = x
        if self._can_pool_first(x):
            x, attended = pool_sparse_grad(x, self.pool_size)
        gamma, beta = mix_routes(self.attention(attended), self.weight, self.bias)
        if self.norm.training or self.norm.running_mean is None:  # by the batch's statistics
            return normalize_and_map(x, gamma, beta, self.norm)
        mean, var = self.norm.get_buffer('running_mean'), self.norm.get_buffer('running_var')
        return map_normalized(x, gamma, beta, mean, var, self.norm.eps)

    def _can_pool_first(self, x: Tensor) -> bool:
        """Whether the attention may get the pooled map, which it leaves as it is, and add its gradient in place."""
        attention, sides = self.route_attention, x.shape[-2:]
        return (
            type(attention) is RouteAttention
            and type(self).attention is SepBN.attention
            and not (attention._forward_hooks or attention._forward_pre_hooks)
            and not (attention._backward_hooks or attention._backward_pre_hooks)
            and self.norm.training
            and x.requires_grad
            and not any(side % self.pool_size for side in sides)
            and sides != (self.pool_size, self.pool_size)
            and can_fuse(x, self.weight, self.norm)
        )

    def _warn_if_temperature_unset(self) -> None:
        if self.route_attention is not None and not self._temperature_is_set:
            _warn_of_first_temperature()
            self._temperature_is_set = True

    def extra_repr(self) -> str:
        """Settings, as printed by ``print(model)``."""
        return (
            f'{self.num_features}, num_routes={self.num_routes}, num_groups={self.num_groups}, '
            f'pool_size={self.pool_size}, aggregation={self.aggregation!r}'
        )

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any) -> None:
        """Read a BatchNorm's entries as those of a SepBN; see the class docstring."""
        self._temperature_is_set |= f'{prefix}temperature' in state_dict
        translate_batch_norm(state_dict, prefix, self)
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def _is_count(value: Any) -> bool:
    """Whether it is a whole number of at least 1."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


@functools.cache  # once for all layers
def _warn_of_first_temperature() -> None:
    print_log(
        f"SepBN's temperature was never set: it stays at {FIRST_TEMPERATURE:g}, where all routes weigh almost the "
        'same. Add TemperatureAnnealingHook (in configs/_base_/default_runtime.py), or set norm_cfg.temperature=1.',
        'current',
        logging.WARNING,
    )
