# Stage 2 on synthetic AFLW.
_base_ = 'synthetic_aflw.py'

optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
train_cfg = dict(max_epochs=7 * _base_.longer)
custom_hooks = []
