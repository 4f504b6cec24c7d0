# Paper Sec. V-A: SGD, batch 8, 500 epochs, warm-up in the first 120 (linear: ours), then cosine. The learning
# rates are the released code's, 1e-3 to 1e-10. SepBN's temperature falls from 30 to 1 in the first 30 epochs.
optim_wrapper = dict(optimizer=dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=5e-4))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-7, begin=0, end=120, by_epoch=True, convert_to_iter_based=True),
    dict(
        type='CosineAnnealingLR',
        eta_min=1e-10,
        begin=120,
        end=500,
        T_max=380,
        by_epoch=True,
        convert_to_iter_based=True,
    ),
]
train_cfg = dict(by_epoch=True, max_epochs=500, val_interval=10)
auto_scale_lr = dict(base_batch_size=8)
temperature = dict(epochs=30)
custom_hooks = []
