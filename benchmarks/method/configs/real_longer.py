# Three times as many epochs on the whole set.
_base_ = 'real_whole.py'

train_cfg = dict(max_epochs=45 * _base_.longer)
custom_hooks = [dict(type='mmsepbn.TemperatureAnnealingHook', start=30.0, end=1.0, epochs=6 * _base_.longer)]
