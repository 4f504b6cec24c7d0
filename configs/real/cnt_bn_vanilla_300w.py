_base_ = 'bn_vanilla_300w.py'

load_from = 'demo_output/real/cnt_bn_vanilla/epoch_20.pth'
default_hooks = dict(keep_branch=dict(type='mmsepbn.KeepBranchHook', protocol='300w'))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
train_cfg = dict(max_epochs=40)
