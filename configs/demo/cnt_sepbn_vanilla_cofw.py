_base_ = 'sepbn_vanilla_cofw.py'

load_from = 'demo_output/demo/cnt_sepbn_vanilla/epoch_6.pth'
default_hooks = dict(keep_branch=dict(type='mmsepbn.KeepBranchHook', protocol='cofw'))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}))
train_cfg = dict(max_epochs=40)
custom_hooks = []  # the temperature stays where stage 1 left it
