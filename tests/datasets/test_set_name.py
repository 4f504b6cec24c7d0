from dataclasses import replace

import pytest

from mmsepbn.datasets import MultiProtocolDataset, WFLWDataset


def test_names_of_sets_and_subsets_are_checked_when_a_set_is_built(synthetic_wflw):
    lists = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_test.txt'
    settings = dict(data_root=str(synthetic_wflw), ann_file=lists, data_prefix=dict(img='WFLW_images'))
    with pytest.raises(ValueError, match=r"WFLWDataset\(metainfo=\): dataset_name must be .* Got 'wflw@night'"):
        WFLWDataset(**settings, metainfo=dict(dataset_name='wflw@night'))
    with pytest.raises(ValueError, match=r"dataset_name must be .* Got 'a/b'"):
        MultiProtocolDataset({'a/b': dict(type='mmsepbn.WFLWDataset', **settings)})
    assert WFLWDataset(**settings, metainfo=dict(dataset_name='wflw night-2.0')).metainfo['dataset_name']

    class Tagged(WFLWDataset):
        def read_official(self, path):
            return (replace(face, subsets=('a+b',)) for face in super().read_official(path))

    with pytest.raises(ValueError, match=r"Tagged: a subset must be .* Got 'a\+b'"):
        Tagged(**settings)
