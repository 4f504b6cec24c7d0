# As many epochs on WFLW as CNT's two stages, so fewer steps.
_base_ = 'synthetic_wflw.py'

train_cfg = dict(max_epochs=27 * _base_.longer)
