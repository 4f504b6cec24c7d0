"""COFW's layout: one HDF5 file for each split, images inside, as MATLAB v7.3 writes it."""

from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np

from mmsepbn.datasets.annotated_face import AnnotatedFace
from mmsepbn.protocols import COFW


def write_cofw(root: Path, train: Iterable[AnnotatedFace], test: Iterable[AnnotatedFace]) -> None:
    """Write ``COFW_{train,test}_color.mat``: images as object references, axes reversed, coordinates 1-based.

    A face tagged ``occlusion`` counts as occluded at all landmarks.
    """
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    for split, suffix, faces in (('train', 'Tr', train), ('test', 'T', test)):
        with h5py.File(root / f'COFW_{split}_color.mat', 'w') as file:
            _write_split(file, suffix, faces)


def _write_split(file: h5py.File, suffix: str, faces: Iterable[AnnotatedFace]) -> None:
    references, numbers, boxes = [], [], []
    images = file.create_group('#refs#')
    for index, face in enumerate(faces):
        rgb = face.image[..., ::-1]
        references.append(images.create_dataset(f'image{index}', data=np.transpose(rgb), compression='gzip').ref)
        points = face.marked(COFW) + 1
        occluded = np.full(COFW.num_landmarks, float('occlusion' in face.tags))
        numbers.append(np.concatenate((points[:, 0], points[:, 1], occluded)))
        x1, y1, x2, y2 = face.box
        boxes.append((x1 + 1, y1 + 1, x2 - x1, y2 - y1))
    count = len(references)
    cells = file.create_dataset(f'Is{suffix}', (1, count), dtype=h5py.ref_dtype)
    for index, reference in enumerate(references):
        cells[0, index] = reference
    file[f'phis{suffix}'] = np.array(numbers).reshape(count, 3 * COFW.num_landmarks).T
    file[f'bboxes{suffix}'] = np.rint(np.array(boxes)).reshape(count, 4).T
