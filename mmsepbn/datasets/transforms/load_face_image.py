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
        """Set ``img`` (H, W, 3) BGR, ``img_shape`` and ``ori_shape``.

        Raises:
            FileNotFoundError: the picture cannot be read; the message names it.
        """
        if 'img' in results:
            return super().transform(results)
        path = results['img_path']
        if is_mat_image(path):
            image = read_image(path)
            results['img'] = image.astype(np.float32) if self.to_float32 else image
        try:
            return super().transform(results)
        except Exception as error:  # MMPose raises whatever a decoder or a file client did
            raise FileNotFoundError(f'The picture {path} cannot be read.') from error
