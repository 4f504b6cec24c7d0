"""The data sets that a config names, however they are wrapped."""

import pytest

from mmsepbn.datasets import WFLWDataset
from mmsepbn.datasets.config_sets import (
    class_name,
    dataset_configs,
    loader_configs,
    map_sets,
)

A, B, C = (dict(type='mmsepbn.COFWDataset', ann_file=f'{name}.mat') for name in 'abc')


def names(dataset):
    return [use.name for use in dataset_configs(dict(train_dataloader=dict(dataset=dataset)))]


def test_train_val_and_test_are_walked_and_named_once():
    config = dict(
        train_dataloader=dict(dataset=dict(type='Wrapper', datasets=dict(one=A, two=dict(datasets=dict(deep=B))))),
        val_dataloader=dict(dataset=dict(type='Wrapper', use=['two', 'val'], datasets=dict(one=A, two=B, val=A))),
        test_dataloader=dict(dataset=dict(type='Wrapper', datasets=dict(two=B, three=C))),
    )
    assert list(dataset_configs(config)) == [
        ('one', True, A),
        ('deep', True, B),
        ('two', False, B),
        ('val', False, A),
        ('three', False, C),
    ]


@pytest.mark.parametrize(
    ('dataset', 'expected'),
    [
        (A, ['COFWDataset']),
        (dict(type='RepeatDataset', times=2, dataset=A), ['COFWDataset']),
        (dict(type='ConcatDataset', datasets=[A, B]), ['COFWDataset', 'COFWDataset']),
        (dict(type='ConcatDataset', datasets=(A, dict(type='RepeatDataset', dataset=B))), ['COFWDataset'] * 2),
        (dict(type='RepeatDataset', dataset=dict(datasets=dict(x=dict(dataset=A), y=B))), ['x', 'y']),
        ([A, B], ['COFWDataset', 'COFWDataset']),
        (dict(datasets=dict(x=A), use=['x', 'unknown']), ['x']),
        (dict(datasets=dict(x=A, y=B), use='x'), ['x', 'y']),  # no list, which the set itself refuses
        (dict(type=WFLWDataset), ['WFLWDataset']),
        (dict(ann_file='x'), ['dataset']),
        (None, ['NoneType']),
    ],
)
def test_wrappers_lists_and_classes(dataset, expected):
    assert names(dataset) == expected


def test_loaders_that_are_missing_none_lists_or_no_loaders():
    config = dict(train_dataloader=None, val_dataloader=[dict(dataset=A), dict(dataset=B)], test_dataloader=3)
    assert [name for name, _ in loader_configs(config)] == ['val_dataloader', 'val_dataloader', 'test_dataloader']
    assert list(dataset_configs(config)) == [('COFWDataset', False, A), ('COFWDataset', False, B)]


def test_sets_are_replaced_in_their_places():
    wrapped = dict(type='Outer', n=1, dataset=dict(type='Several', use=['b'], datasets=dict(a=A, b=B)))
    mapped = map_sets(wrapped, lambda name, settings: (name, settings['ann_file']))
    assert mapped == dict(
        type='Outer', n=1, dataset=dict(type='Several', use=['b'], datasets=dict(a=A, b=('b', 'b.mat')))
    )
    assert wrapped['dataset']['datasets']['b'] == B


def test_the_class_of_a_name_with_scope_and_of_a_class():
    assert class_name(A) == 'COFWDataset'
    assert class_name(dict(type=WFLWDataset)) == 'WFLWDataset'
    assert class_name(dict(type=3)) == '3'
