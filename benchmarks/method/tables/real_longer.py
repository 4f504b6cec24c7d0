_base_ = '../configs/norms.py'
title = 'Real faces, 2483 with 68 landmarks, three times as many epochs'
base = '../configs/real_whole.py'
options = {'train_cfg.max_epochs': 45 * _base_.shared.longer, 'temperature.epochs': 6 * _base_.shared.longer}
rows = {
    'BN': {},
    'BN, control': _base_.shared.control,
    'SepBN': _base_.shared.sepbn,
    'SepBN, standardized attention': _base_.shared.standardized,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control'), ('SepBN, standardized attention', 'BN')]
