# What the choices of the strong recipe start from: short training on 1,786 faces, of which the other 226 are measured.
_base_ = 'faces300w_mobilenetv2.py'

train_dataloader = dict(dataset=dict(data_root='data/method/300w/train/300W'))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=5.0)}))
train_cfg = dict(max_epochs=10)
temperature = dict(epochs=3)
custom_hooks = [dict(type='mmsepbn.ChannelsLastHook')]
model = dict(
    neck=dict(
        _delete_=True,
        type='ChannelMapper',
        in_channels=[1280],
        out_channels=192,
        kernel_size=1,
        norm_cfg=dict(type='BN'),
    ),
    head=dict(branch=dict(in_channels=192)),
)
