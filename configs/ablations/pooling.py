# Our source of the paper lacks the values that its table compares: these are ours.
title = 'Pooled size S (paper Table V)'
base = '../sepbn_vanilla_aflw.py'
rows = {f'S = {s}': {'model.backbone.norm_cfg.pool_size': s} for s in (1, 2, 4, 8)}
rows['S = 4'] = [dict(table='vanilla_aflw', row='SepBN')]
