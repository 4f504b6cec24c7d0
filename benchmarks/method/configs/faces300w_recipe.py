# What the choices of the strong recipe start from: short training on 1,786 faces, of which the other 226 are measured.
_base_ = ['faces300w_mobilenetv2.py', '../../../configs/_base_/models/reduced_map.py']

train_dataloader = dict(dataset=dict(data_root='data/method/300w/train/300W'))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=5.0)}))
train_cfg = dict(max_epochs=10)
temperature = dict(epochs=3)
model = dict(
    neck=dict(_delete_=True, **_base_.reduced_map),
    head=dict(branch=dict(in_channels=_base_.reduced_map.out_channels)),
)
