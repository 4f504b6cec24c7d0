"""Predicted landmarks of every face, as data on disk."""

import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from mmsepbn.checkpoints.plain_pickle import load_plain_pickle

_ARRAYS = ('face_id', 'image', 'predicted', 'truth', 'annotated')


@dataclass(frozen=True)
class FacePrediction:
    """One face: the data set's name, the face's number in it and its image; landmarks in image pixels.

    Attributes:
        predicted: (L, 2).
        truth: (L, 2).
        annotated: (L,) positive where a true landmark has coordinates.
    """

    dataset: str
    face_id: int
    image: str
    predicted: NDArray[np.floating]
    truth: NDArray[np.floating]
    annotated: NDArray[np.floating]


def face_prediction(sample: Mapping[str, Any]) -> FacePrediction:
    """Of a tested sample, as a metric gets it and MMPose dumps it; ValueError where it lacks something."""
    try:
        truth, predicted = sample['gt_instances'], sample['pred_instances']
        face = FacePrediction(
            dataset=str(sample['dataset_name']),
            face_id=int(sample['id']),
            image=str(sample['img_path']),
            predicted=np.asarray(predicted['keypoints'])[0],
            truth=np.asarray(truth['keypoints'])[0],
            annotated=np.asarray(truth['keypoints_visible'])[0],
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f'a face lacks something, or holds another kind of it: {error!r}') from None
    return _checked(face)


def write_predictions(path: str | Path, faces: Iterable[FacePrediction]) -> None:
    """Write an ``.npz`` file with arrays of each data set of N faces, such as ``wflw/predicted``.

    Arrays are ``predicted`` and ``truth`` (N, L, 2), ``annotated`` (N, L), ``face_id`` and ``image`` (N,).
    """
    sets: dict[str, list[FacePrediction]] = {}
    for face in faces:
        sets.setdefault(face.dataset, []).append(face)
    arrays = {
        f'{name}/{array}': np.array([getattr(face, array) for face in own])
        for name, own in sets.items()
        for array in _ARRAYS
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('wb') as file:
        np.savez(file, **arrays)


def read_predictions(path: str | Path) -> list[FacePrediction]:
    """Faces of what :func:`write_predictions` wrote, or of MMPose's ``.pkl``; nothing in it is executed.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged or holds something else; names it.
    """
    try:
        faces = _read_npz(path) if Path(path).suffix == '.npz' else _read_pickle(path)
    except FileNotFoundError:
        raise
    except Exception as error:  # noqa: BLE001 - damaged files raise errors of any kind in zipfile, numpy and pickle
        raise ValueError(f'{path} holds no predictions: {error or type(error).__name__}') from None
    if not faces:
        raise ValueError(f'{path} holds no predictions: it is empty.')
    return faces


def _read_pickle(path: str | Path) -> list[FacePrediction]:
    content = load_plain_pickle(path)
    if not isinstance(content, list):
        raise ValueError(f'a list of samples is expected. Got {type(content).__name__}.')
    return [face_prediction(sample) for sample in content]


def _read_npz(path: str | Path) -> list[FacePrediction]:
    with zipfile.ZipFile(path) as archive:
        members = {Path(record.filename): record for record in archive.infolist()}
        arrays = {str(name.with_suffix('')): _read_array(archive, record) for name, record in members.items()}
    names = dict.fromkeys(name.rpartition('/')[0] for name in arrays)
    if missing := {f'{name}/{array}' for name in names for array in _ARRAYS} - set(arrays):
        raise ValueError(f'it lacks {sorted(missing)}.')
    return [face for name in names for face in _faces(name, [arrays[f'{name}/{array}'] for array in _ARRAYS])]


def _read_array(archive: zipfile.ZipFile, record: zipfile.ZipInfo) -> NDArray[Any]:
    """One array; numpy itself would reserve whatever memory the array's head declares."""
    with archive.open(record) as file:
        version = npy.read_magic(file)
        read_head = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if read_head is None:
            raise ValueError(f'{record.filename} has the format {version}.')
        shape, _, dtype = read_head(file)
    if record.file_size > record.compress_size:
        raise ValueError(f'{record.filename} is compressed; write it with np.savez.')
    if math.prod(shape) * dtype.itemsize > record.file_size:
        raise ValueError(f'{record.filename} declares more than it holds.')
    with archive.open(record) as file:
        return np.asarray(npy.read_array(file, allow_pickle=False))


def _faces(dataset: str, arrays: Sequence[NDArray[Any]]) -> list[FacePrediction]:
    ids, images = arrays[:2]
    counts = {len(np.atleast_1d(array)) for array in arrays}
    if len(counts) > 1 or ids.dtype.kind not in 'iu' or images.dtype.kind != 'U':
        raise ValueError(f'the arrays of {dataset} do not belong together.')
    rows = zip(*arrays, strict=True)
    return [_checked(FacePrediction(dataset, int(number), str(image), *points)) for number, image, *points in rows]


def _checked(face: FacePrediction) -> FacePrediction:
    count = len(np.atleast_1d(face.annotated))
    shapes = (face.predicted.shape, face.truth.shape, face.annotated.shape)
    numbers = all(array.dtype.kind in 'fiub' for array in (face.predicted, face.truth, face.annotated))
    if shapes != ((count, 2), (count, 2), (count,)) or not numbers or not np.isfinite(face.predicted).all():
        raise ValueError(f'face {face.face_id} of {face.dataset} has no finite landmarks (L, 2) and their marks (L,).')
    return face
