_base_ = '../configs/norms.py'
title = '300W, common test set, Vanilla CNN'
base = '../configs/faces300w_vanilla.py'
rows = {
    'BN': {},
    'BN, control': _base_.shared.control,
    'SepBN': _base_.shared.sepbn,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control')]
