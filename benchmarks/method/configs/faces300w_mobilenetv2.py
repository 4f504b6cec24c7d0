# MobileNetV2 from ImageNet weights, whose 4 x 4 map is flattened, not pooled: a pooled map has lost where things are.
_base_ = ['../../../configs/_base_/models/bn_mobilenetv2.py', 'faces300w.py']

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmsepbn.SepBNBackbone',
        backbone=dict(
            type='mmsepbn.MobileNetV2',
            init_cfg=dict(type='Pretrained', checkpoint='data/weights/mobilenet_v2-b0353104.pth'),
        ),
        norm_cfg=dict(type='BN'),
        positions=(3,),
    ),
    neck=None,
    head=dict(protocols=_base_.sets, branch=dict(in_featuremap_size=(4, 4))),
)
custom_hooks = [dict(type='mmsepbn.ChannelsLastHook')]  # a third faster on a CPU
