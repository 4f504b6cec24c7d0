title = 'Aggregation of routes (paper Table III)'
base = '../sepbn_vanilla_aflw.py'
rows = {
    'BN': [dict(table='vanilla_aflw', row='BN', options={'model.backbone.norm_cfg': dict(_delete_=True, type='BN')})],
    'hard': {'model.backbone.norm_cfg.aggregation': 'hard'},
    'soft': [dict(table='vanilla_aflw', row='SepBN')],
}
