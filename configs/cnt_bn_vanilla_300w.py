# Stage 2: fine-tune on one set from stage 1's backbone and branch; the backbone learns at a tenth of the rate.
_base_ = 'bn_vanilla_300w.py'

load_from = 'work_dirs/cnt_bn_vanilla/epoch_500.pth'
default_hooks = dict(keep_branch=dict(type='mmsepbn.KeepBranchHook', protocol='300w'))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
