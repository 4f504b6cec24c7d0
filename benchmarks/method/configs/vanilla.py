# METHOD_SIZE=S: for two CPU cores, a fifth of the paper's width. METHOD_SIZE=L: for a GPU, the paper's width.
_base_ = '../../../configs/_base_/models/bn_vanilla.py'

size = '{{$METHOD_SIZE:S}}'
widths = dict(S=(12, 24, 48, 96, 192, 384), L=(64, 128, 256, 512, 1024, 2048))[size]
model = dict(
    backbone=dict(widths=widths),
    head=dict(branch=dict(in_channels=widths[-1], hidden_channels=(dict(S=256, L=1024)[size],))),
)
