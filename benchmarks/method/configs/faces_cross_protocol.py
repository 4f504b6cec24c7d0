# MobileNetV2 tested on three sets, each in the network's own protocol where it has a branch, and on five landmarks that
# every protocol has. Faces do not name their protocol: a network with one branch predicts them all by that.
_base_ = 'faces300w_mobilenetv2.py'

pack = dict(
    type='mmsepbn.PackFaceInputs',
    meta_keys=(
        *('id', 'img_id', 'img_path', 'ori_shape', 'img_shape', 'input_size', 'input_center', 'input_scale'),
        *('flip_indices', 'dataset_name', 'subsets', 'domain'),
    ),
)
pipeline = [*_base_.test.pipeline[:-1], pack]
tested = dict(test_mode=True, pipeline=pipeline)
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='mmsepbn.MultiProtocolDataset',
        datasets={
            '300w': {
                **_base_.face300w_test,
                **tested,
                'data_root': 'data/method/300w/test/300W',
                'subsets': ('common',),
            },
            'wflw': {**_base_.wflw_test, **tested, 'data_root': 'data/method/wflw/test/WFLW'},
            'wider_face': {
                **_base_.wider_face_train,
                **tested,
                'data_root': 'data/method/lfw/test/WIDER_FACE',
            },
        },
    )
)
metrics = 'benchmarks.method.cross_protocol'
test_evaluator = [dict(type=f'{metrics}.OwnProtocolMetric'), dict(type=f'{metrics}.FivePointMetric')]
