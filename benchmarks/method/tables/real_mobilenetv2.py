_base_ = '../configs/norms.py'
title = 'Real faces, MobileNetV2 from scratch, SepBN after the last convolution of each block'
base = '../configs/real_mobilenetv2.py'
rows = {
    'BN': {},
    'BN, control': _base_.shared.control_mobilenetv2,
    'SepBN': _base_.shared.sepbn,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control')]
