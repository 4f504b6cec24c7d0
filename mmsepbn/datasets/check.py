"""A look at data sets before training: what was found, against what the papers count."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from mmengine.registry import DATASETS

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.wider_face import read_labels

# Official numbers of faces: (class, split) -> whole split and its subsets.
EXPECTED: dict[tuple[str, str], dict[str, int]] = {
    ('COFWDataset', 'train'): {'faces': 1345},
    ('COFWDataset', 'test'): {'faces': 507},
    ('AFLWDataset', 'train'): {'faces': 20000},
    ('AFLWDataset', 'test'): {'faces': 4386, 'frontal': 1314},
    ('WFLWDataset', 'train'): {'faces': 7500},
    ('WFLWDataset', 'test'): {
        **{'faces': 2500, 'pose': 326, 'expression': 314, 'illumination': 698},
        **{'makeup': 206, 'occlusion': 736, 'blur': 773},
    },
    ('Face300WDataset', 'train'): {'faces': 3148},
    ('Face300WDataset', 'test'): {'faces': 689, 'common': 554, 'challenging': 135},
    ('Face300WDataset', 'private'): {'faces': 600},
    ('WiderFaceDataset', 'train'): {'faces': 9770},
}


def dataset_configs(config: Mapping[str, Any]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """Name, whether for training, and config of each face data set that a config uses, each once.

    Validation counts as test: the two are the same sets in most configs.
    """
    seen: list[tuple[str, bool, dict[str, Any]]] = []
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        if not config.get(loader):
            continue
        for name, dataset in _nested(config[loader]['dataset']):
            entry = (name, loader.startswith('train'), dataset)
            if entry not in seen:
                seen.append(entry)
                yield entry


def part_of(name: str, training: bool) -> str:
    """What a data set and its use are called in a report."""
    return f'{name}, {"training" if training else "test"}'


def source_of(config: Mapping[str, Any]) -> str:
    """Where a data set is read from: file, or root where it has none, and split."""
    place = str(PurePath(config.get('data_root') or '', config.get('ann_file') or ''))
    return f'{place} ({config["split"]})' if 'split' in config else place


def check_dataset(name: str, training: bool, config: dict[str, Any]) -> tuple[bool, str]:
    """Read one data set: whether it can be read, and one line that says what was found or what is wrong."""
    part = part_of(name, training)
    try:
        dataset: FaceDataset = DATASETS.build(dict(config) | dict(pipeline=[]))
    except AnnotationError as error:
        return False, f'{part}: ERROR {"; ".join(line.strip() for line in str(error).splitlines())}'
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    tags = Counter(subset for info in infos for subset in info['subsets'])
    expected = EXPECTED.get((type(dataset).__name__, _split(dataset, training)), {})
    subsets = [subset for subset in dataset.PROTOCOL.subsets if tags[subset] or subset in expected]
    found = {'faces': len(infos)} | {subset: tags[subset] for subset in subsets}
    counts = ', '.join(_count(key, value, expected.get(key)) for key, value in found.items())
    boxes = ' and '.join(sorted({info['box_source'] for info in infos}))
    return True, f'{part}: {counts}; {boxes} boxes'


def wider_face_counts(path: Path, size: float = 80) -> str:
    """Numbers of large faces of a label file in one line.

    The paper's 9770 faces state neither whether the size itself counts nor what becomes of faces without landmarks.
    """
    faces = list(read_labels(path))
    sides = np.array([(face.box[2:] - face.box[:2]).min() for face in faces])
    marked = np.array([face.annotated is not None and bool(face.annotated.any()) for face in faces], bool)
    counts = [
        f'{sign} {size:g}: {large.sum()}, {(large & marked).sum()} with landmarks'
        for sign, large in (('>', sides > size), ('>=', sides >= size))
    ]
    return f'{path}: faces of width and height {"; ".join(counts)}'


def _nested(config: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and config of the face data sets within a data set."""
    if 'datasets' not in config:
        yield config['type'].split('.')[-1], config
        return
    for name in config.get('use') or config['datasets']:
        inner = config['datasets'][name]
        yield from _nested(inner) if 'datasets' in inner else [(name, inner)]


def _split(dataset: FaceDataset, training: bool) -> str:
    """The split by the data set's own word; a JSON has its own, so for it the use decides."""
    used = 'train' if training else 'test'
    return used if str(dataset.ann_file).endswith('.json') else getattr(dataset, 'split', used)


def _count(name: str, found: int, expected: int | None) -> str:
    return f'{name} {found}' + ('' if expected in (None, found) else f' (the official count is {expected})')
