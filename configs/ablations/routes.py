# Our source of the paper lacks the values that its table compares: these are ours.
title = 'Number of routes K (paper Table IV)'
base = '../sepbn_vanilla_aflw.py'
rows = {f'K = {k}': {'model.backbone.norm_cfg.num_routes': k} for k in (1, 2, 3, 4, 5)}
rows['K = 3'] = [dict(table='vanilla_aflw', row='SepBN')]
