"""COFW (colour): 29 landmarks, images inside the annotation file."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
from numpy.typing import NDArray

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.hdf5_file import open_hdf5, stored_array
from mmsepbn.datasets.formats.image_backend import read_images_in_cofw_files
from mmsepbn.datasets.formats.image_file import mat_image
from mmsepbn.datasets.formats.mmpose_json import FIRST_PIXELS
from mmsepbn.protocols import COFW, Protocol
from mmsepbn.registry import DATASETS

_ROWS = 3 * COFW.num_landmarks

read_images_in_cofw_files()


@DATASETS.register_module()
class COFWDataset(FaceDataset):
    """COFW from ``COFW_{train,test}_color.mat`` (HDF5), or from MMPose's JSON. Arguments: see :class:`FaceDataset`.

    Points and boxes are 1-based in the file and 0-based here. In MMPose's JSON 1 is already subtracted from the points,
    but not from the boxes, so it is here. Occluded landmarks have coordinates and count. Images stay in the file
    until a worker needs them. Train 1345, test 507 faces.
    """

    PROTOCOL: ClassVar[Protocol] = COFW
    JSON_BOX_SOURCE: ClassVar[BoxSource] = 'official'
    JSON_FIRST_PIXELS: ClassVar[tuple[int, int]] = FIRST_PIXELS['cofw']

    def read_official(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of the file, in its order."""
        numbers, boxes = _arrays(path)
        folder = Path(self.data_prefix['img'] or '.')
        file = path.relative_to(folder) if path.is_relative_to(folder) else path.absolute()
        for index in range(numbers.shape[1]):
            source = f'{path}: face {index}'
            x, y, occluded = numbers[:, index].reshape(3, -1)
            if not np.isin(occluded, (0, 1)).all():
                raise AnnotationError(f'{source}: occlusion must be 0 or 1. Got {np.unique(occluded).tolist()}.')
            left, top, width, height = (boxes[:, index] - (1, 1, 0, 0)).tolist()
            yield FaceAnnotation(
                image=mat_image(str(file), index),
                landmarks=np.stack((x, y), axis=1) - 1,
                box=np.array((left, top, left + width, top + height)),
                source=source,
            )


def _arrays(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Landmarks (87, N) and boxes (4, N), after a check of the file's declarations of them and of the images."""
    with open_hdf5(path) as file:
        suffix = 'Tr' if {'IsTr', 'phisTr'} & set(file) else 'T'
        images, numbers, boxes = (stored_array(file, f'{name}{suffix}') for name in ('Is', 'phis', 'bboxes'))
        if images.ndim != 2 or len(images) != 1 or h5py.check_ref_dtype(images.dtype) is not h5py.Reference:
            raise AnnotationError(f'{path}: {images.name} must be 1 x N references. Got {images.dtype} {images.shape}.')
        count = images.shape[1]
        if numbers.shape != (_ROWS, count) or boxes.shape != (4, count):
            raise AnnotationError(
                f'{path}: expected landmarks ({_ROWS}, {count}) and boxes (4, {count}). '
                f'Got {numbers.shape} and {boxes.shape}.'
            )
        for array in (numbers, boxes):
            if array.dtype.kind not in 'fiu' or array.dtype.itemsize > 8:
                raise AnnotationError(f'{path}: {array.name} must hold numbers. Got {array.dtype}.')
        return numbers[()].astype(np.float64), boxes[()].astype(np.float64)
