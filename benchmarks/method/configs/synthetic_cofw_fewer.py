# As many epochs on COFW as CNT's two stages, so fewer steps.
_base_ = 'synthetic_cofw.py'

train_cfg = dict(max_epochs=107 * _base_.longer)
