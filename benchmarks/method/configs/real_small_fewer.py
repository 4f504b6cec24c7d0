# As many epochs on the small set as CNT's two stages, so fewer steps.
_base_ = 'real_small.py'

train_cfg = dict(max_epochs=55 * _base_.longer)
