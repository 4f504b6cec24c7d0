"""Make layers leaves of torch.fx."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from torch import Tensor, fx


def fx_leaf(forward: Callable[[Any, Tensor], Tensor]) -> Callable[[Any, Tensor], Tensor]:
    """Make torch.fx record a call of the layer instead of what happens in it, which depends on shapes and on training.

    ``symbolic_trace`` does so only for torch's own layers; MMEngine's ``efficient_conv_bn_eval`` and quantization
    tools call it. ``prepare_qat_fx`` also replaces what is in the layer, unless its class is among the
    ``non_traceable_module_classes`` of the custom config.
    """

    @wraps(forward)
    def recorded(self: Any, x: Tensor) -> Tensor:
        if isinstance(x, fx.Proxy) and isinstance(x.tracer, fx.Tracer):
            return x.tracer.create_proxy('call_module', x.tracer.path_of_module(self), (x,), {})
        return forward(self, x)

    return recorded
