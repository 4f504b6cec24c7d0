# G divides the width of every layer, which starts at 12 here.
_base_ = '../configs/norms.py'
title = 'Number of channel groups G (paper Table V) on real faces'
base = '../configs/real_whole.py'
options = _base_.shared.sepbn
rows = {f'G = {g}': {'model.backbone.norm_cfg.num_groups': g} for g in (1, 2, 4, 12)}
rows['G = 4'] = _base_.shared.whole.sepbn
comparisons = [('G = 4', name) for name in rows if name != 'G = 4']
