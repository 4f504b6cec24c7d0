_base_ = 'real_small_fewer.py'

train_cfg = dict(max_epochs=165 * _base_.longer)
