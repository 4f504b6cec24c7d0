# Stage 2 on synthetic COFW.
_base_ = 'synthetic_cofw.py'

optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
train_cfg = dict(max_epochs=99 * _base_.longer)
custom_hooks = []
