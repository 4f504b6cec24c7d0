"""A trained estimator as a function from crops to landmarks, in a form that torch exports."""

from typing import Any

import torch
from mmengine.model import ImgDataPreprocessor
from mmpose.codecs import RegressionLabel
from torch import Tensor, nn

from mmsepbn.codecs.pixel_label import PixelLabel
from mmsepbn.models.estimators.domain_routed_estimator import DomainRoutedEstimator
from mmsepbn.models.heads.landmark_regression_head import LandmarkRegressionHead
from mmsepbn.models.heads.multi_protocol_head import MultiProtocolHead
from mmsepbn.models.norms.brute_force_sepbn import BruteForceSepBN
from mmsepbn.protocols import get_protocol
from mmsepbn.user_error import UserError


class ExportError(UserError):
    """A network that cannot be exported, or whose file predicts differently; the message says why."""


class CropNetwork(nn.Module):
    """Crops (N, H, W, 3), BGR, uint8 -> landmarks of each branch, (N, L, 2) in crop pixels, in the branches' order.

    With ``test_cfg.flip_test`` landmarks are means over the crop and its mirror image, as in tests.

    Args:
        model: an estimator with a :class:`MultiProtocolHead`, in evaluation mode.

    Raises:
        ExportError: the network chooses its prediction by the ground truth, or a branch's output is not coordinates;
            names what.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        if isinstance(model, DomainRoutedEstimator) or any(isinstance(m, BruteForceSepBN) for m in model.modules()):
            raise ExportError(
                'DomainRoutedEstimator with BruteForceSepBN cannot be exported: it needs to know the sub-domain of '
                'each face, and in tests takes the branch that is nearest to the ground truth.'
            )
        for part, kind in (('head', MultiProtocolHead), ('data_preprocessor', ImgDataPreprocessor)):
            if not isinstance(getattr(model, part, None), kind):
                found = type(getattr(model, part, None)).__name__
                raise ExportError(f'The {part} must be of the class {kind.__name__}. Got {found}.')
        self.model = model
        self.factors = {name: _pixels_per_unit(name, head) for name, head in model.head.branches.items()}
        self.flip_test = bool((model.test_cfg or {}).get('flip_test', False))

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """See the class docstring."""
        x = self._normalized(crops.permute(0, 3, 1, 2))
        found = self._landmarks(x)
        if self.flip_test:
            mirrored = self._landmarks(x.flip(-1))
            found = {name: (found[name] + self._unflip(name, mirrored[name], x.shape[-1])) / 2 for name in found}
        return tuple(found.values())

    def _normalized(self, images: Tensor) -> Tensor:
        """As MMEngine's ImgDataPreprocessor, which takes lists of images and cannot be exported."""
        preprocessor = self.model.data_preprocessor
        x = (images.flip(1) if preprocessor._channel_conversion else images).to(torch.float32)
        return (x - preprocessor.mean) / preprocessor.std if preprocessor._enable_normalize else x

    def _landmarks(self, x: Tensor) -> dict[str, Tensor]:
        outputs = self.model(x, None, mode='tensor')
        return {name: _coordinates(name, outputs[name]) * x.new_tensor(factor) for name, factor in self.factors.items()}

    def _unflip(self, name: str, landmarks: Tensor, width: int) -> Tensor:
        """Landmarks of a mirrored crop as those of the crop; MMPose's heads may be configured to shift by one pixel."""
        head, test_cfg = self.model.head.branches[name], self.model.test_cfg
        shifted = isinstance(head, LandmarkRegressionHead) or test_cfg.get('shift_coords', True)
        last = width - 1 if shifted else width
        x, y = landmarks[:, list(get_protocol(name).flip_indices)].unbind(-1)
        return torch.stack((last - x, y), dim=-1)


def _pixels_per_unit(name: str, head: Any) -> tuple[float, float]:
    """What x and y of a branch's output are multiplied by to be crop pixels."""
    if isinstance(head.decoder, PixelLabel):
        return 1.0, 1.0
    if isinstance(head.decoder, RegressionLabel):
        width, height = head.decoder.input_size
        return float(width), float(height)
    raise ExportError(
        f'The branch {name!r} is a {type(head).__name__} with the codec {type(head.decoder).__name__}, whose decoding '
        'is not part of the network; only branches with PixelLabel or RegressionLabel can be exported.'
    )


def _coordinates(name: str, output: Any) -> Tensor:
    """Both coordinates of a branch's output (N, L, 2 or 4); the others are sigmas."""
    if not isinstance(output, Tensor) or output.dim() != 3:
        raise ExportError(f'The branch {name!r} must return coordinates (N, L, 2). Got a {type(output).__name__}.')
    return output[..., :2]
