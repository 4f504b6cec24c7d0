# Stage 2: fine-tune on one set from stage 1's backbone and branch; the backbone learns at a tenth of the rate.
_base_ = 'sepbn_vanilla_cofw.py'

load_from = 'work_dirs/cnt_sepbn_vanilla/epoch_500.pth'
default_hooks = dict(keep_branch=dict(type='mmsepbn.KeepBranchHook', protocol='cofw'))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
custom_hooks = []  # the temperature stays where stage 1 left it
