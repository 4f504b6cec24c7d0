# As many epochs on AFLW as CNT's two stages, so fewer steps.
_base_ = 'synthetic_aflw.py'

train_cfg = dict(max_epochs=15 * _base_.longer)
