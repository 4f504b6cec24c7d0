_base_ = '../configs/norms.py'
title = 'Real faces, ResNeXt-50 from scratch, SepBN after the last convolution of each block'
base = '../configs/real_resnext50.py'
rows = {
    'BN': {},
    'BN, control': {
        **_base_.shared.control,
        'optim_wrapper.paramwise_cfg': dict(custom_keys={'.bn3.': dict(decay_mult=0.0)}),
    },
    'SepBN': _base_.shared.sepbn,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control')]
