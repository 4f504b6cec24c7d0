# MobileNetV2 whose last map, 4 x 4, is reduced to 192 channels and flattened: a pooled map has lost where things are,
# and branches of the whole map have 7 times the weights.
_base_ = ['sepbn_mobilenetv2.py', 'reduced_map.py']

model = dict(
    neck=dict(_delete_=True, **_base_.reduced_map),
    head=dict(branch=dict(in_channels=_base_.reduced_map.out_channels, in_featuremap_size=(4, 4))),
)
