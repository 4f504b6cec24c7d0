# MobileNetV2 pretrained on ImageNet, otherwise as ResNeXt-50.
_base_ = 'bn_resnext50.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='mmsepbn.MobileNetV2',
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://mobilenet_v2'),
    ),
    head=dict(branch=dict(in_channels=1280)),
)
