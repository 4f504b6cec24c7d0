"""The attention of SepBN."""

import torch
from torch import Tensor, nn

from mmsepbn.models.norms.pool_to_square import pool_to_square


class RouteAttention(nn.Module):
    """Logits of the K routes for each sample and channel group (Sec. III-B, Fig. 1): (N, C, H, W) -> (N, K, G).

    Adaptive max pooling to S x S, a 1 x 1 convolution, then an MLP of one hidden layer. Its widths are not given in our
    source; these keep it far below 2 % of Vanilla CNN and ResNeXt-50. Computed in float32 also under AMP, because
    the maxima of un-normalized activations reach beyond half precision. Initialization: torch's defaults.
    """

    def __init__(
        self,
        num_features: int,
        num_routes: int,
        num_groups: int,
        pool_size: int,
        conv_channels: int,
        hidden_channels: int,
    ) -> None:
        super().__init__()
        self.num_routes, self.num_groups, self.pool_size = num_routes, num_groups, pool_size
        self.conv = nn.Conv2d(num_features, conv_channels, kernel_size=1)
        self.mlp = nn.Sequential(
            nn.ReLU(),
            nn.Linear(conv_channels * pool_size**2, hidden_channels),
            nn.ReLU(),
            nn.Linear(hidden_channels, num_routes * num_groups),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, K, G) in the dtype of the parameters."""
        with torch.autocast(device_type=x.device.type, enabled=False):
            pooled = pool_to_square(x, self.pool_size).to(self.conv.weight.dtype)
            return self.mlp(self.conv(pooled).flatten(1)).view(-1, self.num_routes, self.num_groups)
