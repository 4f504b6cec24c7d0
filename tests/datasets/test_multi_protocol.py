import numpy as np
import pytest
from helpers import wflw_line

from mmsepbn.datasets import MultiProtocolDataset
from mmsepbn.datasets.annotation import AnnotationError

KIND = 'mmsepbn.WFLWDataset'


@pytest.fixture
def configs(tmp_path):
    """Three lists of 2, 3 and 1 faces; boxes tell the faces apart."""
    made = {}
    for name, count in (('first', 2), ('second', 3), ('third', 1)):
        lines = [wflw_line(box=(0, 0, 10 * count, 10 + i), image='first.txt') for i in range(count)]
        (tmp_path / f'{name}.txt').write_text('\n'.join(lines))
        made[name] = dict(type=KIND, data_root=str(tmp_path), ann_file=f'{name}.txt', data_prefix=dict(img=''))
    return made


def test_faces_follow_each_other_and_are_named_by_their_set(configs):
    dataset = MultiProtocolDataset(configs)
    assert dataset.sizes == {'first': 2, 'second': 3, 'third': 1}
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert [info['dataset_name'] for info in infos] == ['first'] * 2 + ['second'] * 3 + ['third']
    assert [info['id'] for info in infos] == [0, 1, 0, 1, 2, 0]
    assert [info['bbox'][0, 2] for info in infos] == [20, 20, 30, 30, 30, 10]


@pytest.mark.parametrize('index', [-1, 6])
def test_an_index_out_of_range_is_named(configs, index):
    with pytest.raises(IndexError, match=rf'in \[0, 6\). Got {index}'):
        MultiProtocolDataset(configs)[index]


def test_sets_can_be_left_out(configs):
    dataset = MultiProtocolDataset(configs, use=['third', 'first'])
    assert dataset.sizes == {'third': 1, 'first': 2}


def test_bad_choices_are_named(configs):
    with pytest.raises(ValueError, match=r"use=\) knows \['first', 'second', 'third'\]. Got \['fourth'\]"):
        MultiProtocolDataset(configs, use=['first', 'fourth'])
    with pytest.raises(ValueError, match='at least one data set'):
        MultiProtocolDataset(configs, use=[])


def test_an_empty_or_missing_set_is_named(configs, tmp_path):
    (tmp_path / 'second.txt').write_text('')
    with pytest.raises(AnnotationError, match=r'second.txt: no faces found'):
        MultiProtocolDataset(configs)
    with pytest.raises(AnnotationError, match=r'gone.txt does not exist'):
        MultiProtocolDataset(configs | dict(second=configs['second'] | dict(ann_file='gone.txt')))


def test_sets_are_seeded_apart(configs):
    dataset = MultiProtocolDataset(configs)
    dataset.set_epoch(seed=5, epoch=2)
    states = [tuple(part._seed_and_epoch.tolist()) for part in dataset.datasets.values()]
    assert len(set(states)) == 3
    assert {epoch for _, epoch in states} == {2}


def test_every_one_of_41763_indices_leads_to_its_own_set():
    """The sizes of the paper."""
    sizes = dict(zip(('cofw', 'aflw', 'wflw', '300w', 'wider_face'), (1345, 20000, 7500, 3148, 9770), strict=True))
    dataset = MultiProtocolDataset.__new__(MultiProtocolDataset)
    ends = np.cumsum(list(sizes.values()))
    dataset.datasets = {name: _Counted(name, size) for name, size in sizes.items()}
    dataset._ends = ends.tolist()
    found = [dataset[i] for i in range(len(dataset))]
    expected = [(name, i) for name, size in sizes.items() for i in range(size)]
    assert found == expected


class _Counted:
    def __init__(self, name, size):
        self.name, self.size = name, size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return self.name, index
