# SepBN by the paper's text alone. For another config:
# --cfg-options model.backbone.norm_cfg.standardize_attention=False model.backbone.norm_cfg.init_spread=0.1
_base_ = '../sepbn_vanilla_wflw.py'

model = dict(backbone=dict(norm_cfg=dict(init_spread=0.1, standardize_attention=False)))
