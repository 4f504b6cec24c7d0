title = 'Aggregation of routes (paper Table III)'
base = '../sepbn_vanilla_aflw.py'
rows = {
    'BN': {'model.backbone.norm_cfg': dict(_delete_=True, type='BN')},
    'hard': {'model.backbone.norm_cfg.aggregation': 'hard'},
    'soft': {},
}
