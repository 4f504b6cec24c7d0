"""Face data sets inside of the wrappers of MMEngine, MMPose, torch and this package."""

import pytest
from mmengine.dataset import ClassBalancedDataset, ConcatDataset, RepeatDataset
from mmengine.runner.runner import _SlicedDataset
from mmpose.datasets import CombinedDataset
from torch.utils.data import Subset
from torch.utils.data.dataset import ConcatDataset as TorchConcatDataset

from mmsepbn.datasets import MultiProtocolDataset, WFLWDataset
from mmsepbn.datasets.walk import face_datasets

LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'


@pytest.fixture
def settings(synthetic_wflw):
    return dict(ann_file=LIST, data_root=str(synthetic_wflw), data_prefix=dict(img='WFLW_images'))


class Categories(WFLWDataset):
    def get_cat_ids(self, idx):
        return [idx % 2]


def test_wrappers(settings):
    one, two = WFLWDataset(**settings), Categories(**settings)
    assert list(face_datasets(one)) == [one]
    assert list(face_datasets(ConcatDataset([one, dict(type=lambda: RepeatDataset(two, 2))]))) == [one, two]
    assert list(face_datasets(TorchConcatDataset([Subset(one, [1]), two]))) == [one, two]
    assert list(face_datasets(_SlicedDataset(RepeatDataset(one, 2), 3))) == [one]
    assert list(face_datasets(ClassBalancedDataset(two, 0.5))) == [two]
    assert list(face_datasets(ConcatDataset([one, one]))) == [one]
    assert list(face_datasets([1, 2])) == []


def test_sets_that_the_wrapper_builds(settings):
    config = dict(type='mmsepbn.WFLWDataset', **settings)
    several = MultiProtocolDataset(dict(a=config, b=config))
    assert list(face_datasets(several)) == list(several.datasets.values())
    combined = CombinedDataset(WFLWDataset.METAINFO, [config, config])
    assert list(face_datasets(combined)) == combined.datasets
