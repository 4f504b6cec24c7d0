# Its branches start as BN does, so that BN is the control too.
# Training by known head pose; the test takes the best of three networks for each face, which no user could.
title = 'Brute-force SepBN on synthetic AFLW'
base = '../configs/synthetic_aflw.py'
rows = {
    'BN': [dict(table='synthetic_aflw', row='BN')],
    'brute-force SepBN': {
        'model.type': 'mmsepbn.DomainRoutedEstimator',
        'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.BruteForceSepBN'),
    },
}
comparisons = [('brute-force SepBN', 'BN')]
