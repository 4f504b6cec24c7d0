_base_ = '../configs/norms.py'
title = 'Real faces, 2483 with 68 landmarks'
base = '../configs/real_whole.py'
rows = {
    'BN': {},
    'BN, control': _base_.shared.control,
    'SepBN': _base_.shared.sepbn,
    'BN, control without spread': _base_.shared.control_without_spread,
    'SepBN, standardized attention': _base_.shared.standardized,
}
comparisons = [
    ('SepBN', 'BN'),
    ('SepBN', 'BN, control'),
    ('SepBN, standardized attention', 'BN'),
    ('SepBN, standardized attention', 'BN, control without spread'),
    ('SepBN, standardized attention', 'SepBN'),
]
