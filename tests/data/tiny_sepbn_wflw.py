# The demo's SepBN config, small enough for a test: 8 faces, 4 epochs, a checkpoint after each.
_base_ = '../../configs/demo/sepbn_vanilla_wflw.py'

train_dataloader = dict(batch_size=4)
val_dataloader = dict(num_workers=0, persistent_workers=False)
test_dataloader = val_dataloader
model = dict(backbone=dict(widths=(4, 4, 8, 8, 8, 8)), head=dict(branch=dict(in_channels=8, hidden_channels=(16,))))
train_cfg = dict(max_epochs=4, val_interval=4)
default_hooks = dict(checkpoint=dict(interval=1, save_best=None))
param_scheduler = [dict(type='PolyLR', eta_min=1e-4, begin=0, by_epoch=True)]  # for any number of epochs
custom_hooks = []
