# AdamW, a short warm-up, and weights averaged over the last steps.
# Branches regress pixel coordinates, far from their initial output, hence five times the learning rate.
optim_wrapper = dict(
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.01),
    paramwise_cfg=dict(custom_keys={'head': dict(lr_mult=5.0)}),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-2, begin=0, end=1, by_epoch=True, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', eta_min=1e-6, begin=1, by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(by_epoch=True, max_epochs=60, val_interval=10)
auto_scale_lr = dict(base_batch_size=16)
temperature = dict(epochs=6)
custom_hooks = [
    dict(type='mmsepbn.ChannelsLastHook'),
    dict(type='EMAHook', ema_type='ExpMomentumEMA', momentum=0.001, gamma=1000),
]
