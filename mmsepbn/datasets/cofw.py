"""COFW (colour): 29 landmarks, pictures inside the annotation file."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.image_file import mat_image
from mmsepbn.protocols import COFW, Protocol
from mmsepbn.registry import DATASETS

_ROWS = 3 * COFW.num_landmarks


@DATASETS.register_module()
class COFWDataset(FaceDataset):
    """COFW from ``COFW_{train,test}_color.mat`` (HDF5), or from MMPose's JSON. Arguments: see :class:`FaceDataset`.

    Points and boxes are 1-based in the file and 0-based here. Occluded landmarks have coordinates and count. Pictures
    stay in the file until a worker needs them. Train 1345, test 507 faces.
    """

    PROTOCOL: ClassVar[Protocol] = COFW
    JSON_BOX_SOURCE: ClassVar[BoxSource] = 'official'

    def read_official(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of the file, in its order."""
        try:
            file = h5py.File(path, 'r')
        except OSError as error:
            raise AnnotationError(f'{path} must be a MATLAB v7.3 (HDF5) file: {error}.') from None
        with file:
            suffix = 'Tr' if 'phisTr' in file else 'T'
            for key in (f'Is{suffix}', f'phis{suffix}', f'bboxes{suffix}'):
                if key not in file:
                    raise AnnotationError(f'{path} must hold {key!r}. It holds {sorted(file)}.')
            numbers, boxes = file[f'phis{suffix}'][()], file[f'bboxes{suffix}'][()]
            count = file[f'Is{suffix}'].shape[1]
        if numbers.shape != (_ROWS, count) or boxes.shape != (4, count):
            raise AnnotationError(
                f'{path}: expected landmarks ({_ROWS}, {count}) and boxes (4, {count}). '
                f'Got {numbers.shape} and {boxes.shape}.'
            )
        for index in range(count):
            source = f'{path}: face {index}'
            x, y, occluded = numbers[:, index].reshape(3, -1)
            if not np.isin(occluded, (0, 1)).all():
                raise AnnotationError(f'{source}: occlusion must be 0 or 1. Got {np.unique(occluded).tolist()}.')
            left, top, width, height = boxes[:, index] - (1, 1, 0, 0)
            yield FaceAnnotation(
                image=mat_image(path.name, index),
                landmarks=np.stack((x, y), axis=1) - 1,
                box=np.array((left, top, left + width, top + height)),
                source=source,
            )
