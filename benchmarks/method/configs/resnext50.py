# ResNeXt-50 from scratch; size S: a quarter of its width. The rows choose the norm at a position of each bottleneck.
_base_ = '../../../configs/_base_/models/bn_resnext50.py'

size = '{{$METHOD_SIZE:S}}'
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmsepbn.SepBNBackbone',
        backbone=dict(
            type='ResNeXt',
            depth=50,
            groups=dict(S=8, L=32)[size],
            width_per_group=4,
            stem_channels=dict(S=16, L=64)[size],
            base_channels=dict(S=16, L=64)[size],
        ),
        norm_cfg=dict(type='BN'),
        positions=(3,),
    ),
    head=dict(branch=dict(in_channels=dict(S=512, L=2048)[size])),
)
