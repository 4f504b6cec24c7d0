import numpy as np
import pytest
from helpers import ROOT, wflw_line
from mmengine.config import Config
from mmengine.registry import init_default_scope

from mmsepbn.datasets import MultiProtocolDataset, PackFaceInputs
from mmsepbn.datasets.annotation import AnnotationError
from mmsepbn.registry import DATASETS

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
    with pytest.raises(ValueError, match=r"use=\) must be a list of names. Got 'first'"):
        MultiProtocolDataset(configs, use='first')


@pytest.mark.parametrize(('make', 'kind'), [(DATASETS.build, 'WFLWDataset'), (lambda config: None, 'NoneType')])
def test_what_is_no_settings_of_a_set_is_named(configs, make, kind):
    wrong = configs | dict(second=make(configs['second']))
    for options in ({}, dict(pipeline=[])):
        with pytest.raises(ValueError, match=rf"datasets=\) must hold settings of sets, dicts. Got {kind} in 'second'"):
            MultiProtocolDataset(wrong, **options)


def test_an_empty_or_missing_set_is_named(configs, tmp_path):
    (tmp_path / 'second.txt').write_text('')
    with pytest.raises(AnnotationError, match=r'second.txt: no faces found'):
        MultiProtocolDataset(configs)
    with pytest.raises(AnnotationError, match=r'gone.txt does not exist'):
        MultiProtocolDataset(configs | dict(second=configs['second'] | dict(ann_file='gone.txt')))


def test_inference_with_several_sets_names_the_config_to_use():
    """MMPose asks the class of the training set, and takes COCO's landmarks where it has none."""
    from mmpose.apis.inference import dataset_meta_from_config

    cfg = Config.fromfile(ROOT / 'configs' / 'demo' / 'cnt_sepbn_vanilla.py')
    init_default_scope(cfg.default_scope)
    with pytest.raises(ValueError, match=r'Use the config of one set, such as configs/sepbn_vanilla_wflw.py'):
        dataset_meta_from_config(cfg)


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


def packing(**options):
    return dict(type='mmsepbn.PackFaceInputs', **options)


def test_transforms_of_all_sets_take_the_place_of_their_own(configs):
    own = [dict(type='mmsepbn.FaceCrop', padding=2.0), packing()]
    configs = configs | {name: configs[name] | dict(pipeline=own) for name in ('first', 'third')}
    dataset = MultiProtocolDataset(configs, pipeline=[packing(pack_transformed=True)])
    crops = {name: part.pipeline.transforms for name, part in dataset.datasets.items()}
    assert crops['second'] == []  # it has none that could be replaced
    for name in ('first', 'third'):
        crop, pack = crops[name]
        assert (crop.padding, pack.pack_transformed) == (2.0, True)
    assert own == [dict(type='mmsepbn.FaceCrop', padding=2.0), packing()]


@pytest.mark.parametrize('kind', [PackFaceInputs, 'PackFaceInputs', 'mmsepbn.PackFaceInputs'])
def test_a_transform_is_known_by_its_class_whatever_way_a_config_names_it(configs, kind):
    configs = {name: config | dict(pipeline=[dict(type=kind)]) for name, config in configs.items()}
    dataset = MultiProtocolDataset(configs, pipeline=[packing(pack_transformed=True)])
    assert all(part.pipeline.transforms[0].pack_transformed for part in dataset.datasets.values())


def test_samples_are_as_read_without_transforms(configs):
    configs = {name: config | dict(pipeline=[packing()]) for name, config in configs.items()}
    sample = MultiProtocolDataset(configs, pipeline=[])[1]
    assert sample['bbox'].tolist() == [[0, 0, 20, 11]]


def test_a_transform_that_no_set_has_is_named(configs):
    configs = {name: config | dict(pipeline=[packing()]) for name, config in configs.items()}
    with pytest.raises(ValueError, match=r"pipeline=\) must name transforms of the sets, \[.*\]. Got \['FaceCrop'\]"):
        MultiProtocolDataset(configs, pipeline=[dict(type='mmsepbn.FaceCrop')])


def test_the_union_claims_no_mark_up(configs):
    metainfo = MultiProtocolDataset(configs).metainfo
    assert metainfo['dataset_name'] == 'first+second+third'
    assert not metainfo['skeleton_links']
    assert 'flip_indices' not in metainfo
