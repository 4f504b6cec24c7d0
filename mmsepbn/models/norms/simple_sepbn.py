"""The paper's first form of SepBN, with a squeeze-and-excitation attention and one channel group.

Paper: arXiv:2101.06663, Sec. III-B, Eq. 3-4; a baseline.
"""

from mmsepbn.models.norms.sepbn import SepBN
from mmsepbn.models.norms.squeeze_excite_attention import SqueezeExciteAttention
from mmsepbn.registry import MODELS


@MODELS.register_module()
class SimpleSepBN(SepBN):
    """SepBN with G = 1, whose attention is a squeeze-and-excitation block on the globally averaged input.

    The arguments without a line here are those of :class:`SepBN`.

    Args:
        reduction: r, the block's hidden layer has C / r units; 16 as in squeeze-and-excitation networks, not
            given in our source of the paper; 10 in the authors' release.
    """

    def __init__(
        self,
        num_features: int,
        *,
        num_routes: int = 3,
        reduction: int = 16,
        temperature: float | None = None,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        init_std: float | None = None,
    ) -> None:
        if reduction < 1:
            raise ValueError(f'SimpleSepBN(reduction=) must be at least 1. Got {reduction}.')
        super().__init__(
            num_features,
            num_routes=num_routes,
            num_groups=1,
            pool_size=1,
            temperature=temperature,
            eps=eps,
            momentum=momentum,
            init_std=init_std,
        )
        if self.route_attention is not None:
            self.route_attention = SqueezeExciteAttention(num_features, num_routes, reduction)
