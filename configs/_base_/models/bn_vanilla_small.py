# A fifth of the paper's width.
_base_ = 'bn_vanilla.py'

model = dict(
    backbone=dict(widths=(12, 24, 48, 96, 192, 384)),
    head=dict(branch=dict(in_channels=384, hidden_channels=(256,))),
)
