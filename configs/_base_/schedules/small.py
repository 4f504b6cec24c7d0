# For small networks and data sets, minutes on two CPU cores: few steps, so a far higher rate than in paper_500e.py.
# The cosine ends with the training, whatever max_epochs a config names.
optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.04, momentum=0.9, weight_decay=5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-2, begin=0, end=2, by_epoch=True, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min=1e-6, begin=2, by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(by_epoch=True, max_epochs=16, val_interval=1000)
auto_scale_lr = dict(base_batch_size=16)
temperature = dict(epochs=8)  # SepBN's falls from 30 to 1 in them
custom_hooks = []
