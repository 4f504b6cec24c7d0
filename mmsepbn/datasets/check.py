"""A look at data sets before training: what was found, against what the papers count."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.registry import DATASETS

from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.datasets.face_dataset import FaceDataset

# Official numbers of faces: (class, training part?) -> whole part and its subsets.
EXPECTED: dict[tuple[str, bool], dict[str, int]] = {
    ('COFWDataset', True): {'faces': 1345},
    ('COFWDataset', False): {'faces': 507},
    ('AFLWDataset', True): {'faces': 20000},
    ('AFLWDataset', False): {'faces': 4386, 'frontal': 1314},
    ('WFLWDataset', True): {'faces': 7500},
    ('WFLWDataset', False): {
        **{'faces': 2500, 'pose': 326, 'expression': 314, 'illumination': 698},
        **{'makeup': 206, 'occlusion': 736, 'blur': 773},
    },
    ('Face300WDataset', True): {'faces': 3148},
    ('Face300WDataset', False): {'faces': 689, 'common': 554, 'challenging': 135},
    ('WiderFaceDataset', True): {'faces': 9770},
}


def dataset_configs(config: Mapping[str, Any]) -> Iterator[tuple[str, bool, dict[str, Any]]]:
    """Name, whether for training, and config of each face data set that a training config uses."""
    for loader in ('train_dataloader', 'test_dataloader'):
        dataset = config[loader]['dataset']
        if 'datasets' in dataset:
            for name in dataset.get('use') or dataset['datasets']:
                yield name, loader.startswith('train'), dataset['datasets'][name]
        else:
            yield dataset['type'].split('.')[-1], loader.startswith('train'), dataset


def check_dataset(name: str, training: bool, config: dict[str, Any]) -> tuple[bool, str]:
    """Read one data set: whether it can be read, and a line that says what was found or what is wrong."""
    part = f'{name}, {"training" if training else "test"}'
    try:
        dataset: FaceDataset = DATASETS.build(dict(config) | dict(pipeline=[]))
    except AnnotationError as error:
        return False, f'{part}: ERROR {error}'
    infos = [dataset.get_data_info(index) for index in range(len(dataset))]
    tags = Counter(subset for info in infos for subset in info['subsets'])
    found = {'faces': len(infos)} | {subset: tags[subset] for subset in dataset.PROTOCOL.subsets if tags[subset]}
    expected = EXPECTED.get((type(dataset).__name__, training), {})
    counts = ', '.join(_count(key, value, expected.get(key)) for key, value in found.items())
    boxes = ' and '.join(sorted({info['box_source'] for info in infos}))
    return True, f'{part}: {counts}; {boxes} boxes'


def _count(name: str, found: int, expected: int | None) -> str:
    return f'{name} {found}' + ('' if expected in (None, found) else f' (the official count is {expected})')
