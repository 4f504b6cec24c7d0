_base_ = ['bn_vanilla_wflw.py', '../_base_/norms/sepbn.py']

model = dict(backbone=dict(norm_cfg=dict(_delete_=True, **_base_.norm)))
