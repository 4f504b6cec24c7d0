# As many epochs on the small set, so fewer steps.
_base_ = 'real_small.py'

train_cfg = dict(max_epochs=60 * _base_.longer)
