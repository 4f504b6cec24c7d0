title = 'SepBN by input resolution of the layer (paper Table VI)'
base = '../sepbn_vanilla_wflw.py'
rows = {
    'none': [dict(table='vanilla_wflw', row='BN', options={'model.backbone.norm_cfg': dict(_delete_=True, type='BN')})],
    '128 64': {'model.backbone.norm_stages': [0, 1]},
    '128 64 32 16': {'model.backbone.norm_stages': [0, 1, 2, 3]},
    '8 4': {'model.backbone.norm_stages': [4, 5]},
    '32 16 8 4': {'model.backbone.norm_stages': [2, 3, 4, 5]},
    'all': [dict(table='vanilla_wflw', row='SepBN')],
}
