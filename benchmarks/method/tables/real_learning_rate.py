# SepBN's gain depends on how well the BN beside it is trained: the benchmark's learning rate, and a first trial's.
_base_ = '../configs/norms.py'
title = 'Learning rate, on the validation people'
base = '../configs/real_whole.py'
split = 'val'
shared = dict(low={'optim_wrapper.optimizer.lr': 0.002})
rows = {
    'BN, 0.04': _base_.shared.whole.bn,
    'BN, control, 0.04': _base_.shared.whole.control,
    'SepBN, 0.04': _base_.shared.whole.sepbn,
    'BN, 0.002': shared['low'],
    'BN, control with spread 0.5, 0.002': {
        **shared['low'],
        **_base_.shared.control,
        'model.backbone.norm_cfg.init_std': 0.5,
    },
    'SepBN, spread 0.5, attention at 30 times the rate, no decay, 0.002': {
        **shared['low'],
        **_base_.shared.sepbn,
        'model.backbone.norm_cfg.init_std': 0.5,
        'optim_wrapper.paramwise_cfg': dict(
            custom_keys={'.bn.': dict(decay_mult=0.0), 'route_attention': dict(lr_mult=30.0, decay_mult=0.0)}
        ),
    },
}
comparisons = [
    ('SepBN, 0.04', 'BN, 0.04'),
    ('SepBN, 0.04', 'BN, control, 0.04'),
    ('SepBN, spread 0.5, attention at 30 times the rate, no decay, 0.002', 'BN, 0.002'),
    ('SepBN, spread 0.5, attention at 30 times the rate, no decay, 0.002', 'BN, control with spread 0.5, 0.002'),
    ('BN, 0.04', 'SepBN, spread 0.5, attention at 30 times the rate, no decay, 0.002'),
]
