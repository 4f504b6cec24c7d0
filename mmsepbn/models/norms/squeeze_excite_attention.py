"""The attention of the paper's simple SepBN: a squeeze-and-excitation block."""

import torch
from torch import Tensor, nn


class SqueezeExciteAttention(nn.Module):
    """Logits of the K routes from globally averaged features (Sec. III-B, Eq. 3): (N, C, H, W) -> (N, K, 1).

    Global average pooling, a linear layer to C / r with ReLU, a linear layer to K, a sigmoid: logits lie in 0..1, so
    that even at T = 1 the largest weight of three routes is at most 0.58.
    """

    def __init__(self, num_features: int, num_routes: int, reduction: int) -> None:
        super().__init__()
        hidden = max(num_features // reduction, 1)
        self.squeeze = nn.Linear(num_features, hidden)
        self.excite = nn.Linear(hidden, num_routes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, K, 1) in the dtype of the parameters, also under AMP."""
        with torch.autocast(device_type=x.device.type, enabled=False):
            average = x.mean(dim=(2, 3), dtype=self.squeeze.weight.dtype)
            return torch.sigmoid(self.excite(torch.relu(self.squeeze(average)))).unsqueeze(-1)
