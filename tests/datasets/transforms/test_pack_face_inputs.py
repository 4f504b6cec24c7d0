import numpy as np
from mmpose.datasets.transforms import PackPoseInputs

from mmsepbn.datasets import PackFaceInputs, WFLWDataset

LIST = 'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_train.txt'


def test_it_packs_what_mmposes_packs(synthetic_wflw):
    pipeline = [dict(type='mmsepbn.LoadFaceImage'), dict(type='mmsepbn.RandomFaceCrop')]
    pipeline.append(dict(type='mmpose.GenerateTarget', encoder=dict(type='mmsepbn.PixelLabel', input_size=(128, 128))))
    dataset = WFLWDataset(
        data_root=str(synthetic_wflw), data_prefix=dict(img='WFLW_images'), ann_file=LIST, pipeline=pipeline
    )
    face, ours = dataset[1], PackFaceInputs(pack_transformed=True)
    found, expected = (pack(dict(face)) for pack in (ours, PackPoseInputs(ours.meta_keys, pack_transformed=True)))
    assert found.keys() == expected.keys()
    assert np.array_equal(found['inputs'], expected['inputs'])
    first, second = found['data_samples'], expected['data_samples']
    assert repr(first.metainfo) == repr(second.metainfo)
    assert len(first.metainfo) == len(ours.meta_keys)
    for part in ('gt_instances', 'gt_instance_labels'):
        assert repr(getattr(first, part).to_dict()) == repr(getattr(second, part).to_dict())
    assert first.keys() == second.keys()
