_base_ = ['cnt_bn_vanilla.py', '../_base_/norms/sepbn.py']

model = dict(backbone=dict(norm_cfg=dict(_delete_=True, **_base_.norm)))
