# Stage 2 of Cross-protocol Network Training: the backbone learns at a tenth of the rate (ours),
# and SepBN's temperature stays where stage 1 left it.
_base_ = 'paper_500e.py'

optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
temperature = None
