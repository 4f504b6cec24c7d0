_base_ = '../configs/norms.py'
title = 'Choices for SepBN, on the validation people'
base = '../configs/real_whole.py'
split = 'val'
shared = dict(
    no_warm_up={
        'param_scheduler': [dict(type='CosineAnnealingLR', eta_min=1e-6, by_epoch=True, convert_to_iter_based=True)]
    }
)
rows = {
    'BN': _base_.shared.whole.bn,
    'BN, control': _base_.shared.whole.control,
    'SepBN': _base_.shared.whole.sepbn,
    # What a first trial at a small learning rate chose.
    'SepBN, spread 0.5, no decay, attention at 10 times the rate': {
        **_base_.shared.sepbn,
        'model.backbone.norm_cfg.init_std': 0.5,
        'optim_wrapper.paramwise_cfg': dict(
            custom_keys={'.bn.': dict(decay_mult=0.0), 'route_attention': dict(lr_mult=10.0, decay_mult=0.0)}
        ),
    },
    'BN, control, spread 0.5': {**_base_.shared.control, 'model.backbone.norm_cfg.init_std': 0.5},
    # The temperature falls while the learning rate warms up.
    'BN, without warm-up': shared['no_warm_up'],
    'SepBN, without warm-up': {**_base_.shared.sepbn, **shared['no_warm_up']},
    'standardized': [dict(table='real_whole', row='SepBN, standardized attention', options=_base_.shared.standardized)],
    'standardized, spread 0.1': {**_base_.shared.standardized, 'model.backbone.norm_cfg.init_std': 0.1},
    'standardized, spread 0.5': {**_base_.shared.standardized, 'model.backbone.norm_cfg.init_std': 0.5},
    'standardized, spread 0.5, no decay of routes and attention': {
        **_base_.shared.standardized,
        'model.backbone.norm_cfg.init_std': 0.5,
        'optim_wrapper.paramwise_cfg': dict(custom_keys={'.bn.': dict(decay_mult=0.0)}),
    },
    'standardized, G = 12': {**_base_.shared.standardized, 'model.backbone.norm_cfg.num_groups': 12},
    'standardized, K = 6': {**_base_.shared.standardized, 'model.backbone.norm_cfg.num_routes': 6},
    'standardized, K = 6, G = 12': {
        **_base_.shared.standardized,
        'model.backbone.norm_cfg.num_routes': 6,
        'model.backbone.norm_cfg.num_groups': 12,
    },
    'standardized, K = 6, attention twice as wide': {
        **_base_.shared.standardized,
        'model.backbone.norm_cfg.num_routes': 6,
        'model.backbone.norm_cfg.attention_channels': (16, 32),
    },
    'standardized, temperature falls over half of the epochs': {
        **_base_.shared.standardized,
        'temperature.epochs': 8,
    },
    'standardized, T = 1 from the start': {
        **_base_.shared.standardized,
        'model.backbone.norm_cfg.temperature': 1.0,
        'temperature': None,
    },
    'standardized, temperature falls to 0.3': {
        **_base_.shared.standardized,
        'temperature.end': 0.3,
    },
}
comparisons = [
    *((name, 'SepBN') for name in rows if name != 'SepBN'),
    ('BN, control', 'BN'),
    ('SepBN, without warm-up', 'BN, without warm-up'),
]
