# As many steps as 30 epochs on all sets and 30 on the small one.
_base_ = 'real_small.py'

train_cfg = dict(max_epochs=225 * _base_.longer)
