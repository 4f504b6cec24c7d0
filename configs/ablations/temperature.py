# Our source of the paper lacks the values that its table compares: these are ours.
title = 'Temperature of the softmax over routes, fixed and annealed (paper Table IV)'
base = '../sepbn_vanilla_aflw.py'
rows = {
    **{f'T = {t}': {'model.backbone.norm_cfg.temperature': float(t), 'temperature': None} for t in (1, 5, 10, 20, 30)},
    'annealing': [dict(table='vanilla_aflw', row='SepBN')],
}
