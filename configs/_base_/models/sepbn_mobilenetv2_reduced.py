# MobileNetV2 whose last map, 4 x 4, is reduced to 192 channels and flattened: a pooled map has lost where things are,
# and branches of the whole map have 7 times the weights.
_base_ = 'sepbn_mobilenetv2.py'

model = dict(
    neck=dict(
        _delete_=True,
        type='ChannelMapper',
        in_channels=[1280],
        out_channels=192,
        kernel_size=1,
        norm_cfg=dict(type='BN'),
    ),
    head=dict(branch=dict(in_channels=192, in_featuremap_size=(4, 4))),
)
