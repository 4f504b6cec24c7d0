# SepBN by the paper's text alone. For another config:
# --cfg-options model.backbone.norm_cfg.standardize_attention=False
_base_ = '../sepbn_vanilla_wflw.py'

model = dict(backbone=dict(norm_cfg=dict(standardize_attention=False)))
