"""Direct regression of landmark coordinates by fully connected layers."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from mmpose.models.heads.base_head import BaseHead
from mmpose.registry import KEYPOINT_CODECS
from mmpose.utils.typing import Features, OptConfigType, Predictions, SampleList
from torch import Tensor, nn

from mmsepbn.models.heads.feature_maps import require_maps
from mmsepbn.models.heads.full_precision import full_precision
from mmsepbn.registry import MODELS

_SLOPE = 0.01


@MODELS.register_module()
class LandmarkRegressionHead(BaseHead):
    """Flatten, optional hidden layers (Linear - LeakyReLU), Linear to 2L coordinates in crop pixels (Table I).

    All of it, the loss included, is computed in the dtype of its weights, so in float32 also under AMP: at 100 pixels
    half precision has steps of 0.06 pixels, bfloat16 of 0.5.

    Initialization: Kaiming normal (LeakyReLU gain) for hidden layers; the last layer starts from weights of standard
    deviation 0.001 and a bias at the crop's centre, so that the first prediction of every landmark is the centre.

    Args:
        in_channels: channels of the last feature map.
        num_landmarks: L.
        hidden_channels: widths of the hidden layers; the paper's Vanilla CNN has one of 1024, the released code 2048.
        in_featuremap_size: width and height of the last feature map; (1, 1) after global pooling.
        loss: loss on (N, L, 2) prediction, target and weight; default: L1 in crop pixels (the paper names
            no unit).
        decoder: codec that matches the pipeline's encoder; states the input size.

    Raises:
        ValueError: no landmarks; in use, a feature map or a crop of another size than configured.
    """

    def __init__(
        self,
        in_channels: int,
        num_landmarks: int,
        hidden_channels: Sequence[int] = (),
        in_featuremap_size: tuple[int, int] = (1, 1),
        loss: dict[str, Any] | None = None,
        decoder: dict[str, Any] | None = None,
        init_cfg: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if num_landmarks < 1:
            raise ValueError(f'LandmarkRegressionHead(num_landmarks=) must be at least 1. Got {num_landmarks}.')
        self.num_landmarks = num_landmarks
        self.decoder = KEYPOINT_CODECS.build(decoder or dict(type='mmsepbn.PixelLabel', input_size=(128, 128)))
        self.loss_module = MODELS.build(loss or dict(type='mmpose.L1Loss', use_target_weight=True))
        self.in_channels, self.in_featuremap_size = in_channels, in_featuremap_size
        width = in_channels * in_featuremap_size[0] * in_featuremap_size[1]
        self.hidden = nn.Sequential()
        for channels in hidden_channels:
            self.hidden.append(nn.Linear(width, channels)).append(nn.LeakyReLU(_SLOPE, inplace=True))
            width = channels
        self.fc = nn.Linear(width, 2 * num_landmarks)

    def init_weights(self) -> None:
        """See the class docstring; ``init_cfg`` overrides it."""
        if self.init_cfg:
            super().init_weights()
            return
        for layer in self.hidden:
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight, a=_SLOPE, nonlinearity='leaky_relu')
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.fc.weight, std=0.001)
        with torch.no_grad():
            centre = self.fc.bias.new_tensor(self.decoder.input_size) / 2
            self.fc.bias.copy_(centre.repeat(self.num_landmarks))
        self._is_init = True

    def forward(self, feats: tuple[Tensor, ...]) -> Tensor:
        """Feature maps -> landmarks (N, L, 2) in crop pixels; the last map is used.

        Raises:
            ValueError: the last feature map does not have the configured size, or there is no tuple of them.
        """
        require_maps(feats)
        self._check_map(feats[-1])
        with full_precision(self, feats[-1]) as feat:
            return self.fc(self.hidden(feat.flatten(1))).view(-1, self.num_landmarks, 2)

    def loss(self, feats: tuple[Tensor, ...], batch_data_samples: SampleList, train_cfg: OptConfigType = None) -> dict:
        """``loss_kpt`` of the batch, in crop pixels; landmarks without annotation have weight 0."""
        require_maps(feats)
        self._check_crops(batch_data_samples)
        labels = [sample.gt_instance_labels for sample in batch_data_samples]
        target = torch.cat([label.keypoint_labels for label in labels])
        weight = torch.cat([label.keypoint_weights for label in labels])
        with full_precision(self, feats[-1]) as feat:
            return {'loss_kpt': self.loss_module(self.forward((feat,)), target, weight.unsqueeze(-1))}

    def predict(self, feats: Features, batch_data_samples: SampleList, test_cfg: OptConfigType = None) -> Predictions:
        """Landmarks in crop pixels. With ``flip_test`` the mean over the crop and its mirror image."""
        self._check_crops(batch_data_samples)
        if (test_cfg or {}).get('flip_test', False):
            plain, mirrored = feats
            flip_indices = batch_data_samples[0].metainfo['flip_indices']
            landmarks = (self.forward(plain) + self._unflip(self.forward(mirrored), flip_indices)) / 2
        else:
            landmarks = self.forward(feats)
        return self.decode(landmarks.unsqueeze(1))

    def _check_map(self, feat: Tensor) -> None:
        """A map (N, C, H, W), or what is flattened already, (N, C * H * W)."""
        width, height = self.in_featuremap_size
        # Each size by numel, which torch.jit.trace makes a plain number; comparing the size itself would warn.
        found = [feat.shape[dim : dim + 1].numel() for dim in range(1, feat.dim())]
        expected = [self.in_channels, height, width]
        fits = found == expected if len(found) == 3 else math.prod(found) == math.prod(expected)
        if not fits:
            raise ValueError(
                f'LandmarkRegressionHead(in_channels={self.in_channels}, in_featuremap_size={(width, height)}) must '
                f'fit the last feature map. Got {feat.shape[1]} channels of {tuple(feat.shape[2:])[::-1]}.'
            )

    def _check_crops(self, samples: SampleList) -> None:
        """Mirroring and the centre depend on the size; a sample may leave it out."""
        expected = tuple(self.decoder.input_size)
        for size in (sample.get('input_size') for sample in samples):  # metainfo would copy all of it
            if size is not None and tuple(size) != expected:
                raise ValueError(
                    f'LandmarkRegressionHead(decoder=dict(input_size={expected})) must be the size of the crops. '
                    f'Got a crop of {tuple(map(int, size))}.'
                )

    def _unflip(self, landmarks: Tensor, flip_indices: Sequence[int]) -> Tensor:
        """Landmarks found in a mirrored crop, (N, L, 2), as landmarks of the crop. Pixel column x was W - 1 - x."""
        landmarks = landmarks[:, list(flip_indices)]
        x, y = landmarks.unbind(-1)
        return torch.stack((self.decoder.input_size[0] - 1 - x, y), dim=-1)
