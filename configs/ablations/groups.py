# Our source of the paper lacks the values that its table compares: these are ours.
title = 'Number of channel groups G (paper Table V)'
base = '../sepbn_vanilla_aflw.py'
rows = {f'G = {g}': {'model.backbone.norm_cfg.num_groups': g} for g in (1, 2, 4, 8, 16)}
rows['G = 4'] = [dict(table='vanilla_aflw', row='SepBN')]
