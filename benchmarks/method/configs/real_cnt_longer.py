# Three times as many epochs.
_base_ = 'real_cnt.py'

train_cfg = dict(max_epochs=30 * _base_.longer)
