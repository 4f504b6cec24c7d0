# Stage 2: fine-tunes stage 1, see load_from.
_base_ = ['cnt_bn_vanilla_300w.py', '../_base_/norms/sepbn.py']

model = dict(backbone=dict(norm_cfg=dict(_delete_=True, **_base_.norm)))
load_from = 'demo_output/real/cnt_sepbn_vanilla/epoch_20.pth'
