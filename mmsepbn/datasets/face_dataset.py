"""The base of all face data sets: reads annotations once, checks them, and turns them into MMPose samples."""

import copy
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from mmengine.dataset import BaseDataset
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation, check_annotation
from mmsepbn.datasets.data_root import DataRoot
from mmsepbn.datasets.dataset_arguments import check_indices, check_settings
from mmsepbn.datasets.face_cache.link import read_for_crops
from mmsepbn.datasets.formats.mmpose_json import is_json, read_mmpose_json
from mmsepbn.datasets.formats.pts_list import folder_of, is_pts_pattern, read_pts_list
from mmsepbn.datasets.pose_domain import pose_domain
from mmsepbn.datasets.pose_metainfo import pose_metainfo
from mmsepbn.datasets.root_variables import root_hint
from mmsepbn.datasets.set_name import check_set_name
from mmsepbn.protocols import Protocol

_SAMPLE_METAINFO = (
    *('dataset_name', 'flip_indices', 'flip_pairs', 'skeleton_links'),
    *('upper_body_ids', 'lower_body_ids', 'dataset_keypoint_weights'),
)


class FaceDataset(BaseDataset):
    """Faces of one landmark protocol. A subclass sets ``PROTOCOL`` and reads its official files, if any.

    Takes the arguments of MMEngine's BaseDataset: ``data_root``, ``ann_file`` (the official file, or MMPose's
    ``.json``, or .pts files as ``labels/*.pts``, see :func:`read_pts_list`), ``data_prefix=dict(img=...)``,
    ``pipeline``, ``indices``, ``test_mode``, ... ``metainfo`` may replace ``dataset_name``, by which results are named.
    ``first_pixel`` is the origin, 0 or 1, of landmarks and boxes in your own files; None uses that of MMPose's files of
    the protocol, and 1 for .pts files. What the files name must lie below ``data_root`` or the image folder, links
    resolved; ``allow_outside=True`` takes it from anywhere.

    Samples hold ``img_path``, ``bbox`` (1, 4) x1, y1, x2, y2, ``keypoints`` (1, L, 2), both in image pixels,
    ``keypoints_visible`` (1, L), 0 where a landmark is not annotated, ``subsets``, ``domain`` (head pose, see
    :func:`pose_domain`; None if it cannot be computed from the landmarks), ``protocol``, ``box_source`` and ``source``,
    file and line for messages.

    Raises:
        ValueError: an argument that does not exist, or has another type.
        AnnotationError: when the file is read, for a malformed entry, missing images or ones outside the root; names
            file and line.
    """

    PROTOCOL: ClassVar[Protocol]
    JSON_BOX_SOURCE: ClassVar[BoxSource] = 'landmarks'
    JSON_FIRST_PIXELS: ClassVar[tuple[int, int]] = (0, 0)  # of landmarks and boxes in MMPose's file of the set

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """MMPose's ``init_model`` reads the class attribute ``METAINFO``."""
        super().__init_subclass__(**kwargs)
        cls.METAINFO = pose_metainfo(cls.PROTOCOL)

    def __init__(
        self,
        data_prefix: dict[str, str] | None = None,
        allow_outside: bool = False,
        first_pixel: Literal[0, 1] | None = None,
        **kwargs: Any,
    ) -> None:
        if first_pixel not in (0, 1, None):
            raise ValueError(f'{type(self).__name__}(first_pixel=) must be 0, 1 or None. Got {first_pixel!r}.')
        self.allow_outside, self.first_pixel = allow_outside, first_pixel
        settings = dict(data_prefix=data_prefix or dict(img='')) | kwargs
        check_settings(type(self).__name__, settings, own=inspect.signature(type(self)).parameters)
        super().__init__(**settings | dict(ann_file=settings.get('ann_file') or ''))

    def read_official(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of the official annotation file, in its order."""
        raise AnnotationError(
            f"{path}: {type(self).__name__} reads MMPose's annotation files only (.json), or .pts files."
        )

    def read_json(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of MMPose's annotation file."""
        return read_mmpose_json(path, self.JSON_BOX_SOURCE, self.first_pixels())

    def first_pixels(self) -> tuple[int, int]:
        """The origin of a JSON's landmarks and of its boxes."""
        if self.first_pixel is None:
            return self.JSON_FIRST_PIXELS
        return self.first_pixel, self.first_pixel

    def annotation_path(self) -> Path:
        """The file, or folder, that holds the annotations. AnnotationError where none is set."""
        if not self.ann_file:
            raise AnnotationError(f'{type(self).__name__}(ann_file=) must be the annotation file. Got none.')
        return Path(self.ann_file)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read, check and convert all faces."""
        path = self.annotation_path()
        if not (os.path.exists(path) or is_pts_pattern(path)):
            raise AnnotationError(
                f'{type(self).__name__}: the annotation file {os.path.abspath(path)} does not exist '
                f'(data_root={self.data_root!r}).{root_hint(type(self).__name__)}'
            )
        self.root = self._find_root()
        faces = list(self._read(path))
        if not faces:
            raise AnnotationError(f'{path}: no faces found.')
        for face in faces:
            check_annotation(face, self.PROTOCOL.num_landmarks)
        for name in sorted({name for face in faces for name in face.subsets}):
            check_set_name(name, f'{type(self).__name__}: a subset')
        self.root.check_images(self.data_prefix['img'], faces)
        check_indices(type(self).__name__, self._indices, len(faces))
        samples = [self._sample(index, face) for index, face in enumerate(faces)]
        read_for_crops(self, samples)
        return samples

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """One sample with the parts of the metainfo that MMPose's transforms and heads read."""
        sample = super().get_data_info(idx)
        return sample | {key: copy.copy(self._metainfo[key]) for key in _SAMPLE_METAINFO}  # lists of what cannot change

    def _read(self, path: Path) -> Iterator[FaceAnnotation]:
        if is_json(path):
            return self.read_json(path)
        if is_pts_pattern(path):
            first_pixel = 1 if self.first_pixel is None else self.first_pixel
            images = Path(self.data_prefix['img'] or '.')
            return read_pts_list(path, images, self.PROTOCOL.num_landmarks, self.root, first_pixel)
        if self.first_pixel is not None:
            raise AnnotationError(
                f'{type(self).__name__}(first_pixel=) must be None for official files, such as {path}. '
                f'Got {self.first_pixel}.'
            )
        return self.read_official(path)

    def _find_root(self) -> DataRoot:
        """The paths in the user's config; every other path in the files must be inside them."""
        path = Path(self.ann_file)
        files = str(folder_of(path)) if is_pts_pattern(path) else self.ann_file
        places = [self.data_root, self.data_prefix['img'] or '.', files]
        return DataRoot(*filter(None, places), allow_outside=self.allow_outside)

    def _sample(self, index: int, face: FaceAnnotation) -> dict[str, Any]:
        num_landmarks = self.PROTOCOL.num_landmarks
        annotated = np.ones(num_landmarks) if face.annotated is None else face.annotated
        return dict(
            id=index,
            img_id=index,
            img_path=str(Path(self.data_prefix['img']) / face.image),
            bbox=face.box.astype(np.float32)[None],
            bbox_score=np.ones(1, np.float32),
            keypoints=np.where(annotated[:, None] > 0, face.landmarks, 0).astype(np.float32)[None],
            keypoints_visible=annotated.astype(np.float32)[None],
            subsets=face.subsets,
            domain=pose_domain(face.landmarks, self.PROTOCOL, annotated),
            protocol=self.PROTOCOL.name,
            box_source=face.box_source,
            source=face.source,
        )

    @classmethod
    def _load_metainfo(cls, metainfo: dict[str, Any] | None = None) -> dict[str, Any]:
        """The protocol's metainfo as MMPose parses it; ``metainfo`` may replace entries."""
        whole = parse_pose_metainfo(cls.METAINFO) | dict(metainfo or {})
        check_set_name(whole['dataset_name'], f'{cls.__name__}(metainfo=): dataset_name')
        return whole
