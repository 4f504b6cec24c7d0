"""Report on data sets before training: the faces found, compared with the papers' counts."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from mmengine.registry import DATASETS

from mmsepbn.datasets.config_sets import SetUse, class_name
from mmsepbn.datasets.face_dataset import FaceDataset
from mmsepbn.datasets.formats.mmpose_json import is_json
from mmsepbn.datasets.formats.pts_list import is_pts_pattern
from mmsepbn.datasets.wider_face import MIN_SIZE, read_labels

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


def source_of(config: Any) -> str:
    """Where a data set is read from: file, or root where it has none, and split."""
    if not isinstance(config, Mapping):
        return 'as it is'
    place = str(PurePath(str(config.get('data_root') or ''), str(config.get('ann_file') or '')))
    return f'{place} ({config["split"]})' if 'split' in config else place


def build_dataset(config: Any) -> Any:
    """The data set of its settings, or a data set given in their place. Raises whatever its class does."""
    if not isinstance(config, Mapping):
        if not hasattr(config, 'get_data_info'):
            raise ValueError(f'a data set must be a dict. Got {config!r}.')
        return config
    if 'type' not in config:
        raise ValueError(f'a data set must have a type. It has {sorted(config)}.')
    dataset = DATASETS.build(dict(config))
    if hasattr(dataset, 'full_init'):
        dataset.full_init()
    return dataset


def found_in(use: SetUse, dataset: Any) -> str:
    """One line that says what was found in a data set."""
    if not isinstance(dataset, FaceDataset):
        kind = type(dataset)
        return f'{use.label}: {len(dataset)} samples of {kind.__module__}.{kind.__name__}, not inspected'
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    tags = Counter(subset for info in infos for subset in info['subsets'])
    expected = EXPECTED.get((type(dataset).__name__, _split(dataset, use.training)), {}) if _is_known(dataset) else {}
    named = tags.keys() if is_json(Path(dataset.ann_file)) else tags.keys() | expected.keys()  # MMPose's JSON has none
    subsets = dict.fromkeys((*dataset.PROTOCOL.subsets, *sorted(tags)))  # official ones first
    found = {'faces': len(infos)} | {subset: tags[subset] for subset in subsets if subset in named}
    counts = ', '.join(_count(key, value, expected.get(key)) for key, value in found.items())
    boxes = ' and '.join(sorted({_boxes(info['box_source'], dataset) for info in infos}))
    return f'{use.label}: {counts}; {boxes}{_subtracted(dataset)}'


def labels_of(config: Any) -> Path | None:
    """The label file of WIDER FACE, for :func:`wider_face_counts`; None: another set, or there is no such file."""
    if class_name(config) != 'WiderFaceDataset' or not isinstance(config, Mapping):
        return None
    labels = Path(config.get('data_root') or '', config.get('ann_file') or '')
    return labels if labels.suffix == '.txt' and labels.is_file() else None


def wider_face_counts(path: Path, size: float = MIN_SIZE) -> str:
    """Numbers of large faces of a label file in one line.

    The paper's 9770 does not say whether the size itself counts, nor whether faces without landmarks do.
    """
    faces = list(read_labels(path))
    sides = np.array([(face.box[2:] - face.box[:2]).min() for face in faces])
    marked = np.array([face.annotated is not None and bool(face.annotated.any()) for face in faces], bool)
    counts = [
        f'{sign} {size:g}: {large.sum()}, {(large & marked).sum()} with landmarks'
        for sign, large in (('>', sides > size), ('>=', sides >= size))
    ]
    return f'{path}: faces of width and height {"; ".join(counts)}'


def _split(dataset: FaceDataset, training: bool) -> str:
    """The split by the data set's own word; a JSON has its own, so for it the use decides."""
    used = 'train' if training else 'test'
    return used if is_json(Path(dataset.ann_file)) else getattr(dataset, 'split', used)


def _boxes(source: str, dataset: FaceDataset) -> str:
    """What kind of boxes a set has; in a JSON they may be of any kind."""
    if is_json(Path(dataset.ann_file)):
        return 'boxes of the file'
    return 'boxes around the landmarks' if source == 'landmarks' else f'{source} boxes'


def _is_known(dataset: FaceDataset) -> bool:
    """Whether the papers' counts apply: not to a part of a set, nor to users' own faces (.pts files, a first pixel)."""
    own = dataset.first_pixel is not None or is_pts_pattern(Path(dataset.ann_file))
    part = dataset._indices is not None or getattr(dataset, 'subsets', None) is not None
    return not own and not part and getattr(dataset, 'min_size', MIN_SIZE) == MIN_SIZE


def _subtracted(dataset: FaceDataset) -> str:
    """A note on the offset that could be wrong for a user's own JSON."""
    firsts = dict(zip(('landmarks', 'boxes'), dataset.first_pixels(), strict=True))
    if not is_json(Path(dataset.ann_file)) or dataset.first_pixel is not None or not any(firsts.values()):
        return ''
    return (
        f"; 1 is subtracted from {' and '.join(name for name, first in firsts.items() if first)}, as in MMPose's JSON "
        'of this set (first_pixel=0 for your own with 0-based pixels)'
    )


def _count(name: str, found: int, expected: int | None) -> str:
    return f'{name} {found}' + ('' if expected in (None, found) else f' (the official count is {expected})')
