# The last map reduced to fewer channels, a neck.
reduced_map = dict(
    type='ChannelMapper',
    in_channels=[1280],
    out_channels=192,
    kernel_size=1,
    norm_cfg=dict(type='BN'),
)
