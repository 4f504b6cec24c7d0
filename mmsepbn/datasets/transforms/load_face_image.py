"""Loading of a face's image."""

import copy
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from mmengine import fileio
from mmpose.datasets.transforms import LoadImage
from numpy.typing import NDArray

from mmsepbn.datasets.formats.image_file import (
    decode_image,
    image_bytes,
    is_mat_image,
    read_image,
    read_shrunk,
    whole_image,
)
from mmsepbn.datasets.formats.image_orientation import image_orientation
from mmsepbn.datasets.image_part import ImagePart
from mmsepbn.datasets.transforms.crop_reach import CropReach
from mmsepbn.registry import TRANSFORMS

if TYPE_CHECKING:
    from mmsepbn.datasets.face_cache.cache_file import CacheFile


@TRANSFORMS.register_module()
class LoadFaceImage(LoadImage):
    """MMPose's LoadImage with :func:`read_image`, the reader used everywhere in this package.

    So pixels stay as stored; a warning names an image without landmarks that has an EXIF rotation.

    Args:
        to_float32: convert the image, of uint8 else.
        color_type: of LoadImage, for configs that state its default; no other value.
        imdecode_backend: likewise.
        backend_args: likewise.
        reduced: decode JPEG files at 1/2, 1/4 or 1/8 of their size where no crop of the face needs more, not even the
            one that augmentation magnifies most. It concerns data sets whose next transform is a FaceCrop; with
            RandomFaceCrop's defaults and crops of 128 pixels, boxes of 425 pixels and more.
    """

    _reach: CropReach | None = None
    _cache: 'CacheFile | None' = None

    def __init__(
        self,
        to_float32: bool = False,
        color_type: str = 'color_ignore_orientation',
        imdecode_backend: str = 'cv2',
        backend_args: dict[str, Any] | None = None,
        reduced: bool = False,
    ) -> None:
        for name, value, expected in (
            ('color_type', color_type, 'color_ignore_orientation'),
            ('imdecode_backend', imdecode_backend, 'cv2'),
            ('backend_args', dict(backend_args or dict(backend='local')), dict(backend='local')),
        ):
            if value != expected:
                raise ValueError(f'LoadFaceImage({name}=) must be {expected!r}. Got {value!r}.')
        super().__init__(to_float32, color_type, imdecode_backend)
        self.reduced = reduced

    def read_for(self, reach: CropReach, cache: 'CacheFile | None' = None) -> 'LoadFaceImage':
        """This transform for crops of that reach: a copy, which may read only a part of an image.

        Args:
            reach: of the FaceCrop that is next.
            cache: of the data set, read instead of the image files.
        """
        loader = copy.copy(self)
        loader._reach, loader._cache = reach, cache
        return loader

    @property
    def cache(self) -> 'CacheFile | None':
        """The face cache that it reads in place of image files."""
        return self._cache

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Set ``img`` (H, W, 3) BGR, ``img_shape`` and ``ori_shape``; ``img_to_image`` where ``img`` is a part.

        Raises:
            FileNotFoundError: the image cannot be read; the message names it.
            ValueError: an ``img`` that is there already has another shape.
        """
        part = None if 'img' in results else self._read(results)
        if part is not None:
            results['img'] = part.pixels
        elif np.ndim(results['img']) != 3 or np.shape(results['img'])[2] != 3:
            raise ValueError(f'LoadFaceImage: img must be (H, W, 3) BGR. Got shape {np.shape(results["img"])}.')
        if self.to_float32:  # MMPose's forgets it where the image is there
            results['img'] = results['img'].astype(np.float32)
        results = super().transform(results)
        if part is not None and part.to_image is not None:
            results['img_to_image'], results['ori_shape'] = part.to_image, part.shape
        return results

    def _read(self, results: dict[str, Any]) -> ImagePart:
        """An image to predict on, or the needed part of a data set's image."""
        path = str(results['img_path'])
        if 'keypoints' not in results:
            return whole_image(_to_predict_on(path))
        if self._cache is not None:
            return self._cache.part(results['id'])
        if self.reduced and self._reach is not None:
            x1, y1, x2, y2 = results['bbox'][0].tolist()
            return read_shrunk(path, max(x2 - x1, y2 - y1) / self._reach.finest)
        return whole_image(read_image(path))


def _to_predict_on(path: str) -> NDArray[np.uint8]:
    """An image that a user names by its path or its address."""
    if is_mat_image(path):
        return read_image(path)
    data = _fetched(path) if '://' in path else image_bytes(path)
    if (orientation := image_orientation(data)) != 1:
        warnings.warn(
            f'The image {path} has the EXIF orientation {orientation}, so viewers rotate it; its pixels are used '
            'as stored. To predict on the rotated image, pass mmcv.imread(FILE) instead of FILE.',
            stacklevel=2,
        )
    return decode_image(data, path)


def _fetched(address: str) -> bytes:
    try:
        return fileio.get(address)
    except Exception as error:
        raise FileNotFoundError(f'The image {address} cannot be read: {error}.') from error
