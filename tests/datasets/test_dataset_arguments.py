"""Mistakes in a data set's settings are named before anything is read."""

import pytest

from mmsepbn.datasets import AFLWDataset, WFLWDataset

LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'


@pytest.fixture
def settings(synthetic_wflw):
    return dict(ann_file=LIST, data_root=str(synthetic_wflw), data_prefix=dict(img='WFLW_images'))


@pytest.mark.parametrize(
    ('mistake', 'message'),
    [
        (dict(data_mode='topdown'), r'^WFLWDataset\(data_mode=\) is no argument\.$'),
        (dict(annfile='x'), r"WFLWDataset\(annfile=\) is no argument\. Did you mean 'ann_file'\?"),
        (dict(data_prefix=dict(img_path='x')), r'WFLWDataset\(data_prefix=\) must be dict\(img=.*img_path'),
        (dict(data_prefix=dict(img='x', other='y')), r'\(data_prefix=\) must be'),
        (dict(data_prefix=dict(img=None)), r'\(data_prefix=\) must be'),
        (dict(data_prefix='WFLW_images'), r"\(data_prefix=\) must be .* Got 'WFLW_images'"),
        (dict(ann_file=3), r'\(ann_file=\) must be the path of a file, as text\. Got 3'),
        (dict(data_root=['x']), r'\(data_root=\) must be'),
        (dict(pipeline='crop'), r'\(pipeline=\) must be a list'),
        (dict(pipeline=dict(type='mmsepbn.FaceCrop')), r'\(pipeline=\) must be a list'),
        (dict(metainfo='wflw'), r'\(metainfo=\) must be a dict'),
        (dict(indices=0.5), r'\(indices=\) must be a number of faces, or a list of places\. Got 0\.5'),
        (dict(indices=[0, 'a']), r'\(indices=\) must be a number'),
        (dict(indices=True), r'\(indices=\) must be a number'),
        (dict(indices=[0, 7, 8, -9]), r'\(indices=\) must be places of the 8 faces\. Got \[8, -9\]'),
        (dict(indices=range(12)), r'Got \[8, 9, 10, 11\]\.$'),
        (dict(indices=range(8, 20)), r'Got \[8, 9, 10, 11, 12, 13, 14, 15, 16, 17, and 2 more\]\.$'),
        (dict(indices=0), r'\(indices=\) must leave at least one of the 8 faces\. Got 0'),
        (dict(indices=[]), r'\(indices=\) must leave at least one'),
    ],
)
def test_mistakes(settings, mistake, message):
    with pytest.raises(ValueError, match=message):
        WFLWDataset(**settings | mistake)


def test_the_class_is_named_with_an_argument_of_its_own():
    with pytest.raises(ValueError, match=r"AFLWDataset\(num_trains=\) is no argument\. Did you mean 'num_train'\?"):
        AFLWDataset(num_trains=3)


@pytest.mark.parametrize(
    ('indices', 'faces'), [(None, 8), (3, 3), (-2, 2), (99, 8), ([7, -8, 7], 3), ((1,), 1), (range(2, 5), 3)]
)
def test_indices_that_are_there(settings, indices, faces):
    assert len(WFLWDataset(**settings, indices=indices)) == faces


def test_settings_may_be_none(settings, synthetic_wflw):
    absolute = dict(ann_file=str(synthetic_wflw / LIST), data_prefix=dict(img=str(synthetic_wflw / 'WFLW_images')))
    assert len(WFLWDataset(**absolute, data_root=None, metainfo=None, indices=None)) == 8


def test_the_root_may_be_a_path(settings, synthetic_wflw):
    assert len(WFLWDataset(**settings | dict(data_root=synthetic_wflw))) == 8
