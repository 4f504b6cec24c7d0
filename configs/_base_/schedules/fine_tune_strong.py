# From a trained network: the backbone learns at a tenth of the rate, SepBN's temperature stays where it was.
_base_ = 'strong.py'

optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
train_cfg = dict(max_epochs=20)
temperature = None
