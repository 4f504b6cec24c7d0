_base_ = '../configs/norms.py'
title = 'Real faces, MobileNetV2 from scratch, SepBN after the last convolution of each block'
base = '../configs/real_mobilenetv2.py'
rows = {
    'BN': {},
    # Position 3; the first block has no expansion and counts from its second convolution.
    'BN, control': {
        **_base_.shared.control,
        'optim_wrapper.paramwise_cfg': dict(
            custom_keys={key: dict(decay_mult=0.0) for key in ('.conv.2.bn.', 'layer1.0.conv.1.bn.')}
        ),
    },
    'SepBN': _base_.shared.sepbn,
}
comparisons = [('SepBN', 'BN'), ('SepBN', 'BN, control')]
