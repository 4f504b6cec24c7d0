# MobileNetV2 from scratch; size S: half its width. The rows choose the norm at a position of each block.
_base_ = '../../../configs/_base_/models/bn_mobilenetv2.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmsepbn.SepBNBackbone',
        backbone=dict(type='MobileNetV2', widen_factor=dict(S=0.5, L=1.0)['{{$METHOD_SIZE:S}}']),
        norm_cfg=dict(type='BN'),
        positions=(3,),
    )
)
