"""The base of all face data sets: reads annotations once, checks them, and turns them into MMPose samples."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from mmsepbn.datasets.annotation import AnnotationError, BoxSource, FaceAnnotation, check_annotation, check_images
from mmsepbn.datasets.mmpose_json import read_mmpose_json
from mmsepbn.datasets.pose_domain import pose_domain
from mmsepbn.datasets.pose_metainfo import pose_metainfo
from mmsepbn.datasets.sample_seed import numpy_seeded
from mmsepbn.protocols import Protocol

_SAMPLE_METAINFO = (
    *('dataset_name', 'flip_indices', 'flip_pairs', 'skeleton_links'),
    *('upper_body_ids', 'lower_body_ids', 'dataset_keypoint_weights'),
)


class FaceDataset(BaseDataset):
    """Faces of one landmark protocol. A subclass states ``PROTOCOL`` and, where it has any, reads its official files.

    Takes the arguments of MMEngine's BaseDataset: ``data_root``, ``ann_file`` (the official file, or MMPose's
    ``.json``), ``data_prefix=dict(img=...)``, ``pipeline``, ``indices``, ``test_mode``, ... ``metainfo`` may replace
    ``dataset_name``, by which results are named.

    Samples hold ``img_path``, ``bbox`` (1, 4) x1, y1, x2, y2, ``keypoints`` (1, L, 2), both in image pixels,
    ``keypoints_visible`` (1, L), 0 where a landmark is not annotated, ``subsets``, ``domain`` (head pose, see
    :func:`pose_domain`; None where the landmarks do not tell it), ``protocol`` and ``box_source``.

    Raises:
        AnnotationError: when the file is read, for a malformed entry or missing images; names file and line.
    """

    PROTOCOL: ClassVar[Protocol]
    JSON_BOX_SOURCE: ClassVar[BoxSource] = 'landmarks'

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """MMPose's ``init_model`` reads the class attribute ``METAINFO``."""
        super().__init_subclass__(**kwargs)
        cls.METAINFO = pose_metainfo(cls.PROTOCOL)

    def __init__(self, data_prefix: dict[str, str] | None = None, **kwargs: Any) -> None:
        self._seed_and_epoch = torch.full((2,), -1).share_memory_()  # workers see what the main process writes
        super().__init__(data_prefix=data_prefix or dict(img=''), **kwargs)

    def read_official(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of the official annotation file, in its order."""
        raise AnnotationError(f"{path}: {type(self).__name__} reads MMPose's annotation files only, .json.")

    def read_json(self, path: Path) -> Iterator[FaceAnnotation]:
        """Faces of MMPose's annotation file."""
        return read_mmpose_json(path, self.JSON_BOX_SOURCE)

    def annotation_path(self) -> Path:
        """The file, or folder, that holds the annotations."""
        return Path(self.ann_file)

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read, check and convert all faces."""
        path = self.annotation_path()
        if not path.exists():
            raise AnnotationError(
                f'{type(self).__name__}: the annotation file {path} does not exist (data_root={self.data_root!r}).'
            )
        faces = list(self.read_json(path) if path.suffix == '.json' else self.read_official(path))
        if not faces:
            raise AnnotationError(f'{path}: no faces found.')
        for face in faces:
            check_annotation(face, self.PROTOCOL.num_landmarks)
        check_images(self.data_prefix['img'], (face.image for face in faces))
        return [self._sample(index, face) for index, face in enumerate(faces)]

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """One sample with the parts of the metainfo that MMPose's transforms and heads read."""
        sample = super().get_data_info(idx)
        return sample | {key: self._metainfo[key] for key in _SAMPLE_METAINFO}

    def prepare_data(self, idx: int) -> Any:
        """One transformed sample; seeded by run, epoch and index after :meth:`set_epoch`."""
        seed, epoch = self._seed_and_epoch.tolist()
        if seed < 0:
            return super().prepare_data(idx)
        with numpy_seeded(seed, epoch, idx):
            return super().prepare_data(idx)

    def set_epoch(self, seed: int, epoch: int) -> None:
        """Make the transforms of a sample depend on ``seed``, ``epoch`` and its index alone, in every worker."""
        self._seed_and_epoch.copy_(torch.tensor([seed, epoch]))

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
        )

    @classmethod
    def _load_metainfo(cls, metainfo: dict[str, Any] | None = None) -> dict[str, Any]:
        """The protocol's metainfo as MMPose parses it; ``metainfo`` may replace entries."""
        return parse_pose_metainfo(cls.METAINFO) | dict(metainfo or {})
