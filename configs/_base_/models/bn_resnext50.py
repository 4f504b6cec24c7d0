# ResNeXt-50 (32x4d) pretrained on ImageNet; a branch is the last linear layer (paper Sec. V-D). The weights expect
# ImageNet's pixel statistics.
_base_ = 'bn_vanilla.py'

model = dict(
    data_preprocessor=dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375]),
    backbone=dict(
        _delete_=True,
        type='ResNeXt',
        depth=50,
        groups=32,
        width_per_group=4,
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnext50_32x4d'),
    ),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(branch=dict(in_channels=2048, in_featuremap_size=(1, 1), hidden_channels=())),
)
