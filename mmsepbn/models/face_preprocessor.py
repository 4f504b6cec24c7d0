"""Move a batch of images to the device and normalize them, all at once."""

from collections.abc import Mapping
from typing import Any

import torch
from mmengine.utils import is_seq_of
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from torch import Tensor

from mmsepbn.registry import MODELS


@MODELS.register_module()
class FacePreprocessor(PoseDataPreprocessor):
    """MMPose's PoseDataPreprocessor for images of one size: the same numbers, with a copy and an operation for all.

    A loader gives a list of images, and MMEngine moves and normalizes each of them alone: on a GPU hundreds of small
    operations a batch. Images of several sizes or types are still taken one by one. To a CUDA device nothing that is
    moved is waited for.

    Args: as for PoseDataPreprocessor.
    """

    same_numbers_as = PoseDataPreprocessor  # so a table's results with the one hold for the other

    def cast_data(self, data: Any) -> Any:
        """The batch on the device, with images (3, H, W) of one size as one tensor (N, 3, H, W)."""
        if self.device.type == 'cuda':  # as send()
            self._non_blocking = True
        if isinstance(data, Mapping) and _alike(images := data.get('inputs')):
            data = {**data, 'inputs': torch.stack(images)}
        return super().cast_data(data)


def _alike(images: Any) -> bool:
    """Whether they are RGB or BGR images that make one tensor; MMEngine checks others one by one."""
    if not is_seq_of(images, Tensor) or not images:
        return False
    return images[0].shape[:-2] == (3,) and len({(each.shape, each.dtype, each.device) for each in images}) == 1
