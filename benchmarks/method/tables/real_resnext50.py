_base_ = '../configs/norms.py'
title = 'Real faces, ResNeXt-50 from scratch, SepBN after the last convolution of each block'
base = '../configs/real_resnext50.py'
rows = {
    'BN': _base_.shared.last_norms_from_one,
    'BN, control': {**_base_.shared.control_resnext50, **_base_.shared.last_norms_from_one},
    'SepBN': {**_base_.shared.sepbn, **_base_.shared.last_norms_from_one},
    'SepBN, standardized attention': {**_base_.shared.standardized, **_base_.shared.last_norms_from_one},
    'BN, last norms from zero': {},
    'BN, control, last norms from zero': _base_.shared.control_resnext50,
    'SepBN, last norms from zero': _base_.shared.sepbn,
}
comparisons = [
    ('SepBN', 'BN'),
    ('SepBN', 'BN, control'),
    ('SepBN, standardized attention', 'BN'),
    ('BN', 'BN, last norms from zero'),
    ('SepBN, last norms from zero', 'BN, last norms from zero'),
]
