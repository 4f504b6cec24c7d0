"""Loading of a face's picture."""

from typing import Any

import numpy as np
from mmpose.datasets.transforms import LoadImage

from mmsepbn.datasets.image_file import is_mat_image, read_image
from mmsepbn.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadFaceImage(LoadImage):
    """MMPose's LoadImage that also reads pictures out of COFW's files, in the worker that needs them."""

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Set ``img`` (H, W, 3) BGR, ``img_shape`` and ``ori_shape``."""
        if 'img' not in results and is_mat_image(results['img_path']):
            image = read_image(results['img_path'])
            results['img'] = image.astype(np.float32) if self.to_float32 else image
        return super().transform(results)
