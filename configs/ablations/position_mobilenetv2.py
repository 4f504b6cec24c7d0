title = 'SepBN by position in the bottleneck, MobileNetV2 (paper Table X)'
base = '../sepbn_mobilenetv2_cofw.py'
rows = {
    'none': {'model.backbone.norm_cfg': dict(_delete_=True, type='BN')},
    **{
        ' '.join(map(str, chosen)): {'model.backbone.positions': chosen}
        for chosen in ([1], [2], [3], [1, 2], [1, 3], [2, 3], [1, 2, 3])
    },
}
rows['3'] = [dict(table='mobilenetv2_cofw', row='SepBN', options=rows['3'])]
