"""AFLW with 19 landmarks: full and frontal test sets, three head poses."""

import os
import reprlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.mat_file import read_mat
from mmsepbn.protocols import AFLW, Protocol
from mmsepbn.registry import DATASETS

_LANDMARKS = AFLW.num_landmarks


@DATASETS.register_module()
class AFLWDataset(FaceDataset):
    """AFLW from ``AFLWinfo_release.mat`` and the flickr folder, or from MMPose's JSON.

    All 19 points count, also the invisible ones. The subset ``frontal`` holds the faces whose points are all visible.
    Coordinates are taken as they are. Train 20000, test 4386 faces, 1314 of them frontal.

    Args:
        split: ``train`` or ``test``; a JSON has its own split.
        num_train: how many faces of the file's random order ``ra`` are for training; the protocol's 20000.
        **kwargs: see :class:`FaceDataset`.
    """

    PROTOCOL: ClassVar[Protocol] = AFLW
    JSON_BOX_SOURCE: ClassVar[BoxSource] = 'official'

    def __init__(self, *, split: Literal['train', 'test'] = 'train', num_train: int = 20000, **kwargs: Any) -> None:
        if split not in ('train', 'test'):
            raise ValueError(f"AFLWDataset(split=) must be 'train' or 'test'. Got {split!r}.")
        self.split, self.num_train = split, num_train
        super().__init__(**kwargs)

    def read_official(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of the split, in the order of ``ra``."""
        content = _load(path)
        count = len(content['bbox'])
        order = content['ra'].ravel()
        if not np.array_equal(np.sort(order), np.arange(1, count + 1)):
            raise AnnotationError(f'{path}: ra must be an order of 1 to {count}.')
        order = order.astype(int) - 1
        if not 0 <= self.num_train <= count:
            raise AnnotationError(
                f'{path} holds {count} faces; AFLWDataset(num_train=) is {self.num_train}. For another AFLW than '
                'the official one, set num_train in train_dataloader.dataset, val_dataloader.dataset and '
                'test_dataloader.dataset.'
            )
        chosen = order[: self.num_train] if self.split == 'train' else order[self.num_train :]
        folder = Path(self.data_prefix['img'])
        for row in chosen:
            source = f'{path}: face {row + 1}'
            left, right, top, bottom = content['bbox'][row].astype(np.float64)
            landmarks = content['data'][row].astype(np.float64).reshape(2, _LANDMARKS).T
            yield FaceAnnotation(
                image=_existing(folder, _name(content['nameList'][row, 0], source)),
                landmarks=landmarks,
                box=np.array((left, top, right, bottom)),
                source=source,
                subsets=('frontal',) if (content['mask_new'][row] == 1).all() else (),
            )


def _load(path: Path) -> dict[str, Any]:
    content = read_mat(path, ('bbox', 'data', 'mask_new', 'nameList', 'ra'))
    count = len(content['bbox']) if isinstance(content.get('bbox'), np.ndarray) else 0
    shapes = {
        'bbox': (count, 4),
        'data': (count, 2 * _LANDMARKS),
        'mask_new': (count, _LANDMARKS),
        'nameList': (count, 1),
    }
    for key, shape in (shapes | {'ra': (1, count)}).items():
        value = content.get(key)
        found = None if value is None else np.shape(value)
        if value is None or found != shape:
            raise AnnotationError(f'{path}: {key} must have shape {shape}. Got {found}.')
        if (value.dtype == object) != (key == 'nameList'):
            raise AnnotationError(f'{path}: {key} must hold {"names" if key == "nameList" else "numbers"}.')
    return content


def _name(value: Any, source: str) -> str:
    if not isinstance(value, str):
        raise AnnotationError(f'{source}: nameList must hold the name of an image. Got {reprlib.repr(value)}.')
    return value


def _existing(folder: Path, name: str) -> str:
    """Some names end in .png although the image is a .jpg."""
    return name if not name.endswith('.png') or os.path.isfile(folder / name) else f'{name[:-4]}.jpg'
