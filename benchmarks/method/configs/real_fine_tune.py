# Stage 2 on the small set's 370 faces with 68 landmarks.
_base_ = 'real_small.py'

optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
train_cfg = dict(max_epochs=45 * _base_.longer)
custom_hooks = []
