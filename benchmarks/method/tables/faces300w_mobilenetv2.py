_base_ = '../configs/norms.py'
title = '300W, common test set, MobileNetV2 from ImageNet weights'
base = '../configs/faces300w_mobilenetv2.py'
rows = {
    'BN': {},
    'BN, control': _base_.shared.control_mobilenetv2,
    'SepBN': _base_.shared.sepbn,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control')]
