"""Landmark coordinates in pixels of the crop as the regression target."""

import numpy as np
from mmpose.codecs.base import BaseKeypointCodec
from numpy.typing import NDArray

from mmsepbn.registry import KEYPOINT_CODECS


@KEYPOINT_CODECS.register_module()
class PixelLabel(BaseKeypointCodec):
    """Regress landmarks in pixels of the crop, including those that lie outside it.

    MMPose's RegressionLabel divides by the input size, which changes what a learning rate means, and gives landmarks
    beyond the crop no weight; with a tight face box and augmentation these are many, and they can be regressed.

    Args:
        input_size: width and height of the crop in pixels.
    """

    label_mapping_table = {'keypoint_labels': 'keypoint_labels', 'keypoint_weights': 'keypoint_weights'}  # noqa: RUF012

    def __init__(self, input_size: tuple[int, int]) -> None:
        self.input_size = tuple(input_size)

    def encode(
        self, keypoints: NDArray[np.floating], keypoints_visible: NDArray[np.floating] | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """Landmarks (1, L, 2) in crop pixels and visibility (1, L) -> ``keypoint_labels``, ``keypoint_weights``.

        The weight is 0 for landmarks that are not annotated (visibility 0), else 1.
        """
        if keypoints_visible is None:
            keypoints_visible = np.ones(keypoints.shape[:2])
        return {
            'keypoint_labels': keypoints.astype(np.float32),
            'keypoint_weights': (keypoints_visible > 0).astype(np.float32),
        }

    def decode(self, encoded: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(1, L, 2) predicted pixels -> landmarks (1, L, 2) in crop pixels and scores (1, L), all 1."""
        return encoded.astype(np.float32), np.ones(encoded.shape[:2], np.float32)
