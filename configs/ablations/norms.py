# Brute-force SepBN trains by known head pose and is tested by an oracle (paper Sec. III-A).
title = 'Norm layers'
base = '../sepbn_vanilla_aflw.py'
rows = {
    'BN': [dict(table='vanilla_aflw', row='BN', options={'model.backbone.norm_cfg': dict(_delete_=True, type='BN')})],
    'brute-force SepBN': {
        'model.type': 'mmsepbn.DomainRoutedEstimator',
        'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.BruteForceSepBN'),
    },
    'simple SepBN': {'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.SimpleSepBN')},
    'Attentive Normalization': {'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.AttentiveNorm')},
    'SepBN': [dict(table='vanilla_aflw', row='SepBN')],
}
