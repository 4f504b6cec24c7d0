"""The square face crop, plain for testing and augmented for training; one affine map and one resampling."""

from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import cache_randomness
from numpy.typing import NDArray

from mmsepbn.boxes import centres, square_box
from mmsepbn.datasets.annotation import box_problem
from mmsepbn.datasets.pose_domain import mirrored_domain
from mmsepbn.datasets.transforms.affine import CropAugmentation, crop_matrix, transform_points
from mmsepbn.datasets.transforms.crop_reach import CropReach, crop_reach
from mmsepbn.datasets.transforms.warp import warped
from mmsepbn.registry import TRANSFORMS


@TRANSFORMS.register_module()
class FaceCrop(BaseTransform):
    """Cut the face box, made square on its longer side (ours), and resize it (paper Sec. V-A). Outside is black.

    Required keys: ``img``, ``bbox`` (1, 4) as x1, y1, x2, y2 in image pixels; optional ``keypoints`` (1, L, 2), and
    ``img_to_image`` (3, 3) where ``img`` is a part of the image: the map from it to the image.
    Set: ``img``, ``transformed_keypoints`` in crop pixels, ``crop_matrix`` (3, 3) from image to crop, and
    ``input_size``, ``input_center``, ``input_scale``, by which MMPose maps predictions back to the image.

    Args:
        input_size: width and height of the crop.
        padding: factor on the box's side; the paper takes the official box as it is, MMPose's configs 1.25.
        antialias: average over areas where the crop shrinks the image to half its size or less; else each pixel of the
            crop is interpolated between four of the image's.

    Raises:
        ValueError: a parameter out of its range; in use, the box is invalid: not four finite numbers, without area,
            with swapped corners, or, if the landmarks are unknown, outside the image. The message contains the box.
    """

    def __init__(self, input_size: tuple[int, int] = (128, 128), padding: float = 1.0, antialias: bool = False) -> None:
        if np.shape(input_size) != (2,) or any(side < 1 or side % 1 for side in input_size):
            raise ValueError(
                f'FaceCrop(input_size=) must be width and height, whole numbers of at least 1. Got {input_size}.'
            )
        if not padding > 0:
            raise ValueError(f'FaceCrop(padding=) must be positive. Got {padding}.')
        self.input_size, self.padding = (int(input_size[0]), int(input_size[1])), padding
        self.antialias = antialias

    @property
    def reach(self) -> CropReach:
        """What its crops can show."""
        return crop_reach(self.input_size, self.padding, antialias=self.antialias)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Crop one face."""
        return self.crop(results, CropAugmentation())

    def crop(self, results: dict[str, Any], augmentation: CropAugmentation) -> dict[str, Any]:
        """Crop one face with given augmentation.

        When mirrored, rows of ``keypoints`` and ``keypoints_visible`` change places with their symmetric ones, so that
        row i of them and of ``transformed_keypoints`` is still the same landmark; a ``domain`` turns to the other side.
        """
        square = square_box(_checked_box(results), self.padding)
        matrix = crop_matrix(square, self.input_size, augmentation)
        to_image = results.pop('img_to_image', None)
        from_part = matrix if to_image is None else matrix @ to_image
        results['img'] = warped(results['img'], from_part, self.input_size, self.antialias)
        results['img_shape'] = results['img'].shape[:2]
        if 'keypoints' in results:
            if augmentation.flip:
                for key in ('keypoints', 'keypoints_visible'):
                    results[key] = results[key][:, list(results['flip_indices'])]
            results['transformed_keypoints'] = transform_points(results['keypoints'], matrix).astype(np.float32)
        if augmentation.flip and 'domain' in results:
            results['domain'] = mirrored_domain(results['domain'])
        results['crop_matrix'] = matrix
        results['input_size'] = self.input_size
        results['input_center'] = centres(square).astype(np.float32)
        results['input_scale'] = (square[2:] - square[:2]).astype(np.float32)
        return results


@TRANSFORMS.register_module()
class RandomFaceCrop(FaceCrop):
    """Face crop with the paper's kinds of geometric augmentation (Sec. V-A), each drawn with its own probability.

    The probabilities are those of the authors' release, the range of the shear is ours.

    Args:
        input_size: as in :class:`FaceCrop`.
        padding: as in :class:`FaceCrop`.
        rotation: largest angle in degrees, either way.
        shear: largest horizontal shear factor, either way.
        corner_jitter: largest shift of each coordinate of the box's two corners, as a fraction of its side.
        prob: probability of rotation, of shear and of corner jitter each.
        flip_prob: probability of mirroring.
        antialias: as in :class:`FaceCrop`.
    """

    def __init__(
        self,
        input_size: tuple[int, int] = (128, 128),
        padding: float = 1.0,
        rotation: float = 25.0,
        shear: float = 0.3,
        corner_jitter: float = 0.15,
        prob: float = 0.5,
        flip_prob: float = 0.5,
        antialias: bool = False,
    ) -> None:
        super().__init__(input_size, padding, antialias)
        for name, value, limit in (
            ('rotation', rotation, 180.0),
            ('shear', shear, 1.0),
            ('prob', prob, 1.0),
            ('flip_prob', flip_prob, 1.0),
            ('corner_jitter', corner_jitter, 0.49),
        ):
            if not 0 <= value <= limit:
                raise ValueError(f'RandomFaceCrop({name}=) must lie in [0, {limit}]. Got {value}.')
        self.rotation, self.shear, self.corner_jitter = rotation, shear, corner_jitter
        self.prob, self.flip_prob = prob, flip_prob

    @property
    def reach(self) -> CropReach:
        """The reach of its crops, whatever is drawn."""
        augmentation = self.rotation, self.shear, self.corner_jitter
        return crop_reach(self.input_size, self.padding, *augmentation, antialias=self.antialias)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Crop one face with augmentation drawn from numpy's global generator, which MMEngine seeds."""
        return self.crop(results, self.draw())

    @cache_randomness
    def draw(self) -> CropAugmentation:
        """Draw the parameters of one crop."""
        rotation, shear, x1, y1, x2, y2 = np.random.uniform(-1, 1, 6)
        rotate, skew, jitter, flip = np.random.uniform(size=4) < (self.prob, self.prob, self.prob, self.flip_prob)
        reach = self.corner_jitter * jitter
        return CropAugmentation(
            rotation=float(rotation * self.rotation * rotate),
            shear=float(shear * self.shear * skew),
            corner_shift=(float(x1 * reach), float(y1 * reach), float(x2 * reach), float(y2 * reach)),
            flip=bool(flip),
        )


def _checked_box(results: dict[str, Any]) -> NDArray[np.float64]:
    """The box (4,) of a sample. In prediction the user gives it, and swapped corners would turn the face around."""
    given = np.asarray(results['bbox'])
    try:
        box = given.astype(np.float64)
        problem = f'must be (1, 4), x1, y1, x2, y2. Got shape {box.shape}.' if box.shape != (1, 4) else None
        problem = problem or box_problem(box[0], None if 'keypoints' in results else results['img'].shape)
    except (TypeError, ValueError):
        problem = 'must be numbers.'
    if problem:
        owner = results.get('source') or results.get('img_path') or 'the image'
        raise ValueError(f'The box {given.tolist()} of {owner} {problem}')
    return box[0]
