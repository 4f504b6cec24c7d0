"""300W: 68 landmarks, from its folders of images and .pts files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mmsepbn.boxes import box_around
from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation
from mmsepbn.datasets.config_sets import is_list
from mmsepbn.datasets.data_root import DataRoot
from mmsepbn.datasets.dataset_arguments import refuse_choice
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.mat_file import read_mat
from mmsepbn.datasets.formats.mmpose_json import FIRST_PIXELS
from mmsepbn.datasets.formats.pts_file import pts_files, read_pts
from mmsepbn.datasets.formats.pts_list import image_of
from mmsepbn.protocols import FACE_300W, Protocol
from mmsepbn.registry import DATASETS

Split = Literal['train', 'test', 'private']

# Folders of each split and the test subset they make up.
_FOLDERS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    'train': (('afw', ()), ('helen/trainset', ()), ('lfpw/trainset', ())),
    'test': (('helen/testset', ('common',)), ('lfpw/testset', ('common',)), ('ibug', ('challenging',))),
    'private': (('300W/01_Indoor', ()), ('300W/02_Outdoor', ())),
}
_BOXES = 'Bounding Boxes'


@DATASETS.register_module()
class Face300WDataset(FaceDataset):
    """300W from its official folders below ``data_root``, or from MMPose's JSON (``ann_file``).

    All coordinates are 0-based: 1 is subtracted from .pts files, detector boxes and MMPose's JSON, which holds raw
    values. Train 3148 faces; test 689, the subsets ``common`` (554) and ``challenging`` (135); private test 600.

    Args:
        split: ``train``, ``test`` or ``private``; a JSON has its own split.
        boxes: ``official`` detector boxes from ``Bounding Boxes/bounding_boxes_*.mat``, which the private test set
            lacks; ``landmarks``: tight boxes of the true landmarks, an easier task.
        subsets: of the official test split, only these, such as ``('common',)`` without ibug; None: both.
        **kwargs: see :class:`FaceDataset`.
    """

    PROTOCOL: ClassVar[Protocol] = FACE_300W
    JSON_FIRST_PIXELS: ClassVar[tuple[int, int]] = FIRST_PIXELS['300w']

    def __init__(
        self,
        *,
        split: Split = 'train',
        boxes: BoxSource = 'official',
        subsets: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        if split not in _FOLDERS:
            raise ValueError(f'Face300WDataset(split=) must be one of {sorted(_FOLDERS)}. Got {split!r}.')
        if boxes not in get_args(BoxSource):
            raise ValueError(f"Face300WDataset(boxes=) must be 'official' or 'landmarks'. Got {boxes!r}.")
        if subsets is not None and not is_list(subsets):
            raise ValueError(f'Face300WDataset(subsets=) must be a list of names, or None. Got {subsets!r}.')
        known = {name for _, names in _FOLDERS[split] for name in names}
        if subsets is not None and not (subsets and set(subsets) <= known):
            raise ValueError(
                f'Face300WDataset(subsets=) of the split {split!r} must be some of {sorted(known)} or None. '
                f'Got {tuple(subsets)}.'
            )
        refuse_choice('Face300WDataset(subsets=)', subsets, None, kwargs.get('ann_file'))
        self.split, self.boxes, self.subsets = split, boxes, subsets
        super().__init__(**kwargs)

    def annotation_path(self) -> Path:
        """The JSON if given, else the root of the folders."""
        return Path(self.ann_file or self.data_root or '.')

    def _find_root(self) -> DataRoot:
        """The set's own folders may be links to another disk."""
        root = Path(self.data_root or '.')
        own = [folder for split in _FOLDERS.values() for folder, _ in split] + [_BOXES]
        places = dict.fromkeys([*own, *(folder.partition('/')[0] for folder in own)])
        return super()._find_root().with_places(*(root / place for place in places))

    def read_official(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of the split's folders, by name."""
        if self.split == 'private' and self.boxes == 'official':
            raise AnnotationError(
                f"{path}: the private test set of 300W has no official boxes; boxes='landmarks' takes tight boxes of "
                'the true landmarks instead.'
            )
        for folder, subsets in _FOLDERS[self.split]:
            if self.subsets is not None and not set(subsets) & set(self.subsets):
                continue
            files = pts_files(path / folder)
            if not files:
                raise AnnotationError(
                    f'{path / folder} must hold the .pts files of 300W ({self.split}). It holds none.'
                )
            boxes = self._detector_boxes(path, folder) if self.boxes == 'official' else None
            for file in files:
                self.root.has(file, str(path / folder))
                landmarks = read_pts(file, FACE_300W.num_landmarks)
                image = image_of(file)
                yield FaceAnnotation(
                    image=str(image.relative_to(path)),
                    landmarks=landmarks,
                    box=box_around(landmarks) if boxes is None else _find(boxes, image, path),
                    source=str(file),
                    subsets=subsets,
                    box_source='landmarks' if boxes is None else 'official',
                )

    def _detector_boxes(self, root: Path, folder: str) -> dict[str, NDArray[np.float64]]:
        """Detector boxes of the images of a folder; see :func:`_boxes`."""
        file = root / _BOXES / f'bounding_boxes_{folder.replace("/", "_")}.mat'
        if not self.root.has(file, 'Face300WDataset'):
            raise AnnotationError(
                f"{file} does not exist; boxes='landmarks' takes tight boxes of the true landmarks instead."
            )
        return _boxes(file)


def _boxes(file: Path) -> dict[str, NDArray[np.float64]]:
    """Detector boxes of a list, 0-based x1, y1, x2, y2, by image name without blanks and suffix.

    The lists write the blank of ibug's ``image_092 _01`` in different ways, so blanks do not count. Nor do suffixes:
    images may have been converted.
    """
    content = read_mat(file, ('bounding_boxes',))
    if 'bounding_boxes' not in content:
        raise AnnotationError(f"{file} must hold 'bounding_boxes'. It holds {sorted(content)}.")
    cells = content['bounding_boxes']
    if not isinstance(cells, np.ndarray) or cells.dtype != object:
        raise AnnotationError(f'{file}: bounding_boxes must be cells of structs. Got {type(cells).__name__}.')
    boxes: dict[str, NDArray[np.float64]] = {}
    for number, entry in enumerate(cells.ravel(order='F')):
        name, box = (entry.get(field) if isinstance(entry, dict) else None for field in ('imgName', 'bb_detector'))
        if not isinstance(name, str) or not isinstance(box, np.ndarray) or box.size != 4 or box.dtype == object:
            raise AnnotationError(
                f'{file}: entry {number} must be a struct of imgName, text, and bb_detector, four numbers.'
            )
        box = box.ravel().astype(np.float64) - 1
        if not np.array_equal(boxes.setdefault(_key(name), box), box):
            raise AnnotationError(f'{file}: entry {number}: {name!r} appears twice, with different boxes.')
    return boxes


def _find(boxes: dict[str, NDArray[np.float64]], image: Path, root: Path) -> NDArray[np.float64]:
    """The box of an image."""
    if (key := _key(image.name)) not in boxes:
        raise AnnotationError(
            f"No detector box of {image} under {root / _BOXES}; boxes='landmarks' takes tight boxes instead."
        )
    return boxes[key]


def _key(name: str) -> str:
    return Path(name).stem.replace(' ', '')
