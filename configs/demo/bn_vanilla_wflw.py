_base_ = [
    '../_base_/models/bn_vanilla.py',
    '../_base_/datasets/synthetic_wflw.py',
    '../_base_/schedules/demo_16e.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(widths=(16, 32, 64, 128, 256, 512)),
    head=dict(in_channels=512, hidden_channels=(256,)),
)
