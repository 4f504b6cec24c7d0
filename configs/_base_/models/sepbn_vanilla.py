# Vanilla CNN with SepBN after every convolution, temperature from 30 to 1 in the first 30 epochs.
_base_ = 'bn_vanilla.py'

model = dict(backbone=dict(norm_cfg=dict(_delete_=True, type='mmsepbn.SepBN', num_routes=3, num_groups=4, pool_size=4)))
custom_hooks = [dict(type='mmsepbn.TemperatureAnnealingHook', start=30.0, end=1.0, epochs=30)]
