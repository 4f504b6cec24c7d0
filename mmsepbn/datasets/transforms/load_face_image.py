"""Loading of a face's image."""

import warnings
from typing import Any

import numpy as np
from mmengine import fileio
from mmpose.datasets.transforms import LoadImage
from numpy.typing import NDArray

from mmsepbn.datasets.formats.image_orientation import image_orientation
from mmsepbn.datasets.image_file import decode_image, image_bytes, is_mat_image, read_image
from mmsepbn.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadFaceImage(LoadImage):
    """MMPose's LoadImage by way of :func:`read_image`, with which all else here reads images too.

    So pixels stay as they are stored; a warning names an image without landmarks that wants to be turned.

    Args:
        to_float32: convert the image, of uint8 else.
        color_type: how all else here reads images, so no other.
        imdecode_backend: likewise.
        backend_args: likewise.
    """

    def __init__(
        self,
        to_float32: bool = False,
        color_type: str = 'color_ignore_orientation',
        imdecode_backend: str = 'cv2',
        backend_args: dict[str, Any] | None = None,
    ) -> None:
        for name, value, expected in (
            ('color_type', color_type, 'color_ignore_orientation'),
            ('imdecode_backend', imdecode_backend, 'cv2'),
            ('backend_args', dict(backend_args or dict(backend='local')), dict(backend='local')),
        ):
            if value != expected:
                raise ValueError(f'LoadFaceImage({name}=) must be {expected!r}. Got {value!r}.')
        super().__init__(to_float32, color_type, imdecode_backend)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Set ``img`` (H, W, 3) BGR, ``img_shape`` and ``ori_shape``.

        Raises:
            FileNotFoundError: the image cannot be read; the message names it.
            ValueError: an ``img`` that is there already has another shape.
        """
        if 'img' in results:
            if np.ndim(results['img']) != 3 or np.shape(results['img'])[2] != 3:
                raise ValueError(f'LoadFaceImage: img must be (H, W, 3) BGR. Got shape {np.shape(results["img"])}.')
        else:
            load = read_image if 'keypoints' in results else _to_predict_on
            results['img'] = load(str(results['img_path']))
        if self.to_float32:  # MMPose's forgets it where the image is there
            results['img'] = results['img'].astype(np.float32)
        return super().transform(results)


def _to_predict_on(path: str) -> NDArray[np.uint8]:
    """An image that a user names by its path or its address."""
    if is_mat_image(path):
        return read_image(path)
    data = _fetched(path) if '://' in path else image_bytes(path)
    if (orientation := image_orientation(data)) != 1:
        warnings.warn(
            f'The image {path} has the EXIF orientation {orientation}, by which viewers turn it; its pixels are '
            'taken as they are stored. To predict on what viewers show give mmcv.imread(FILE) in place of FILE.',
            stacklevel=2,
        )
    return decode_image(data, path)


def _fetched(address: str) -> bytes:
    try:
        return fileio.get(address)
    except Exception as error:
        raise FileNotFoundError(f'The image {address} cannot be read: {error}.') from error
