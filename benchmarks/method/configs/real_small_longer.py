# Three times as many epochs.
_base_ = 'real_small.py'

train_cfg = dict(max_epochs=330 * _base_.longer)
