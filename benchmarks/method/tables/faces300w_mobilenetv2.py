_base_ = '../configs/norms.py'
# Weights from ImageNet start all routes alike but for zero-mean noise, so the control is BN whose scale and shift do
# not decay.
title = '300W, common test set, MobileNetV2 from ImageNet weights'
base = '../configs/faces300w_mobilenetv2.py'
rows = {
    'BN': {},
    'BN, control': _base_.shared.control_mobilenetv2,
    'SepBN': _base_.shared.sepbn,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control')]
