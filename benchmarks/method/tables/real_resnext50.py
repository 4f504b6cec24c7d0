_base_ = '../configs/norms.py'
title = 'Real faces, ResNeXt-50 from scratch, SepBN after the last convolution of each block'
base = '../configs/real_resnext50.py'
rows = {
    'BN': {},
    # MMPose starts the last norm of each block at zero, and so does SepBN's mean over its routes.
    'BN, last norms from one': {'model.backbone.backbone.zero_init_residual': False},
    'BN, control': {
        **_base_.shared.control,
        'optim_wrapper.paramwise_cfg': dict(custom_keys={'.bn3.': dict(decay_mult=0.0)}),
    },
    'SepBN': _base_.shared.sepbn,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control'), ('SepBN', 'BN, last norms from one')]
