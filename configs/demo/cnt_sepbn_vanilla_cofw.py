# Stage 2: fine-tunes stage 1, see load_from.
_base_ = ['cnt_bn_vanilla_cofw.py', '../_base_/norms/sepbn.py']

model = dict(backbone=dict(norm_cfg=dict(_delete_=True, **_base_.norm)))
load_from = 'demo_output/demo/cnt_sepbn_vanilla/epoch_6.pth'
