# Three times as many epochs.
_base_ = 'real_fine_tune.py'

train_cfg = dict(max_epochs=135 * _base_.longer)
