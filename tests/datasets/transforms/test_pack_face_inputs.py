import copy

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


def test_what_is_done_to_a_sample_changes_neither_its_face_nor_the_data_set(synthetic_wflw):
    meta_keys = ('flip_indices', 'flip_pairs', 'skeleton_links', 'dataset_keypoint_weights', 'nested')
    pipeline = [dict(type='mmsepbn.LoadFaceImage'), dict(type='mmsepbn.FaceCrop')]
    dataset = WFLWDataset(
        data_root=str(synthetic_wflw), data_prefix=dict(img='WFLW_images'), ann_file=LIST, pipeline=pipeline
    )
    before, face = repr(dataset.metainfo), dataset[0] | dict(nested=[[1], [2]])
    kept = copy.deepcopy(face)
    packed = PackFaceInputs(meta_keys)(face)['data_samples'].metainfo
    assert packed.keys() == set(meta_keys)
    _change(packed)
    assert repr([face[key] for key in meta_keys]) == repr([kept[key] for key in meta_keys])
    _change(face)
    assert repr(dataset.metainfo) == before


def _change(face):
    face['flip_indices'].reverse()
    face['flip_pairs'].clear()
    face['skeleton_links'].clear()
    face['dataset_keypoint_weights'][:] = 7
    face['nested'][0].clear()
