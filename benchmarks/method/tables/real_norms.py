# What a user could take in SepBN's place; each adds 21,000 to 25,000 parameters to BN.
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
    'Attentive Normalization': {'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.AttentiveNorm')},
    'BN + squeeze-and-excitation': {
        'model.backbone.norm_cfg': dict(_delete_=True, type='benchmarks.speed.layers.BatchNormSE')
    },
}
comparisons = [
    *(('SepBN', row) for row in ('simple SepBN', 'Attentive Normalization', 'BN + squeeze-and-excitation')),
    ('Attentive Normalization', 'BN'),
    ('BN + squeeze-and-excitation', 'BN'),
]
