_base_ = '../configs/norms.py'
title = 'Real faces, 2483 with 68 landmarks, three times as many epochs'
base = '../configs/real_longer.py'
rows = {
    'BN': {},
    'BN, control': _base_.shared.control,
    'SepBN': _base_.shared.sepbn,
    'SepBN, standardized attention': _base_.shared.standardized,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control'), ('SepBN, standardized attention', 'BN')]
