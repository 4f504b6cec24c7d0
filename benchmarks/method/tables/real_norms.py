# What a user could take in SepBN's place, and SepBN with other weights; each adds 21,000 to 25,000 parameters to BN.
_base_ = '../configs/norms.py'
title = "Other norms in SepBN's place, on real faces"
base = '../configs/real_whole.py'
rows = {
    'BN': _base_.shared.whole.bn,
    'BN, control': _base_.shared.whole.control,
    'SepBN': _base_.shared.whole.sepbn,
    # With the hidden width of the authors' release.
    'simple SepBN': {
        'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.SimpleSepBN', reduction=10, init_std=0.1)
    },
    'Attentive Normalization': _base_.shared.attentive,
    'BN + squeeze-and-excitation': _base_.shared.squeeze_excitation,
    'SepBN, residual': {
        'model.backbone.norm_cfg': {
            **_base_.shared.sepbn['model.backbone.norm_cfg'],
            'type': 'benchmarks.method.sepbn_without_softmax.ResidualSepBN',
        }
    },
    'SepBN, signed weights': {
        'model.backbone.norm_cfg': {
            **_base_.shared.sepbn['model.backbone.norm_cfg'],
            'type': 'benchmarks.method.sepbn_without_softmax.SignedSepBN',
        }
    },
}
comparisons = [
    *(('SepBN', row) for row in ('simple SepBN', 'Attentive Normalization', 'BN + squeeze-and-excitation')),
    ('Attentive Normalization', 'BN'),
    ('BN + squeeze-and-excitation', 'BN'),
    *((row, other) for row in ('SepBN, residual', 'SepBN, signed weights') for other in ('BN, control', 'SepBN')),
]
