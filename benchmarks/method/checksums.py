"""Checksums of the benchmark's annotations, so that everyone measures on the same faces."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import scipy.io
from mmengine.dataset import BaseDataset

from mmsepbn.datasets import AFLWDataset, COFWDataset, Face300WDataset, WFLWDataset, WiderFaceDataset
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.whole_file import write_json

STORED = Path(__file__).with_name('checksums.json')
_WFLW_LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_{split}.txt'


def read_set(root: Path, name: str, split: str) -> BaseDataset:
    """The set ``name`` below ``root`` as the benchmark's configs read it.

    ``split`` is ``train`` or ``test``, of 300W also ``common``, its test without ibug.
    """
    common = dict(data_root=str(root / name), pipeline=[], test_mode=True)
    if name == '300W':
        parts = dict(split='test', subsets=('common',)) if split == 'common' else dict(split=split)
        return Face300WDataset(**parts, **common)
    if name == 'WFLW':
        images = dict(img='WFLW_images')
        return WFLWDataset(ann_file=_WFLW_LIST.format(split=split), data_prefix=images, **common)
    if name == 'COFW':
        return COFWDataset(ann_file=f'COFW_{split}_color.mat', **common)
    if name == 'AFLW':
        images = dict(img='aflw/data/flickr')
        count = len(scipy.io.loadmat(root / name / 'AFLWinfo_release.mat', variable_names='bbox')['bbox'])
        num_train = count if split == 'train' else 0
        return AFLWDataset(
            ann_file='AFLWinfo_release.mat', split=split, num_train=num_train, data_prefix=images, **common
        )
    return WiderFaceDataset(ann_file='train/label.txt', data_prefix=dict(img='train/images'), min_size=0, **common)


def checksum(faces: BaseDataset) -> str:
    """SHA-256 of boxes and landmarks, in image pixels to two decimals, in the set's order."""
    digest = hashlib.sha256()
    for index in range(len(faces)):
        face = faces.get_data_info(index)
        numbers = [*face['bbox'].ravel(), *face['keypoints'].ravel(), *face['keypoints_visible'].ravel()]
        digest.update((' '.join(f'{value + 0.0:.2f}' for value in numbers) + '\n').encode())
    return digest.hexdigest()


def check(found: Mapping[str, str]) -> None:
    """Compare with the stored ones. Raises AnnotationError naming the first set that differs."""
    for name in differing(found):
        if name not in _stored():
            raise AnnotationError(f'{STORED} has no checksum of {name}; prepare.py --store-checksums adds it.')
        raise AnnotationError(f'{name} holds other faces than those of the published results, see {STORED}.')


def differing(found: Mapping[str, str]) -> list[str]:
    """Names of the sets whose checksum is not the stored one."""
    stored = _stored()
    return [name for name, value in found.items() if stored.get(name) != value]


def store(found: Mapping[str, str]) -> None:
    """Add or replace checksums in the stored file."""
    write_json(STORED, dict(sorted({**_stored(), **found}.items())))


def _stored() -> dict[str, str]:
    return json.loads(STORED.read_text()) if STORED.exists() else {}
