# What the benchmark's rows share: norms, as changes of a config with BN, and both stages of CNT with each.
shared = dict(
    longer=dict(S=1, L=8)['{{$METHOD_SIZE:S}}'],  # as in schedule.py
    # As in configs/_base_/norms/sepbn.py: nothing that the paper does not have.
    sepbn={
        'model.backbone.norm_cfg': dict(
            _delete_=True,
            type='mmsepbn.SepBN',
            num_routes=3,
            num_groups=4,
            pool_size=4,
            init_std=0.1,
        )
    },
    # BN (which is SepBN with K = 1) whose scale and shift start as SepBN's do and do not decay.
    control={
        'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.SepBN', num_routes=1, init_std=0.1),
        'optim_wrapper.paramwise_cfg': dict(custom_keys={'.bn.': dict(decay_mult=0.0)}),
    },
    # The attention is standardized, which the paper's is not, and routes start alike.
    standardized={
        'model.backbone.norm_cfg': dict(
            _delete_=True,
            type='benchmarks.method.standardized_sepbn.StandardizedSepBN',
            num_routes=3,
            num_groups=4,
            pool_size=4,
            init_std=0.0,
        )
    },
    # What a user could take instead.
    attentive={'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.AttentiveNorm')},
    squeeze_excitation={'model.backbone.norm_cfg': dict(_delete_=True, type='benchmarks.speed.layers.BatchNormSE')},
    control_without_spread={
        'model.backbone.norm_cfg': dict(_delete_=True, type='mmsepbn.SepBN', num_routes=1, init_std=0.0),
        'optim_wrapper.paramwise_cfg': dict(custom_keys={'.bn.': dict(decay_mult=0.0)}),
    },
    # MMPose starts the last norm of each residual block at zero. From scratch and in few steps that is a bad start.
    last_norms_from_one={'model.backbone.backbone.zero_init_residual': False},
)
# The control of networks with SepBN at position 3, the last of each block.
shared['control_resnext50'] = {
    **shared['control'],
    'optim_wrapper.paramwise_cfg': dict(custom_keys={'.bn3.': dict(decay_mult=0.0)}),
}
shared['control_mobilenetv2'] = {
    **shared['control'],
    # The first block has no expansion and counts from its second convolution.
    'optim_wrapper.paramwise_cfg': dict(
        custom_keys={key: dict(decay_mult=0.0) for key in ('.conv.2.bn.', 'layer1.0.conv.1.bn.')}
    ),
}
# Stage 2 as a change of a set's config: the backbone learns at a tenth of the rate, the temperature stays.
shared['fine_tune'] = {
    'optim_wrapper.paramwise_cfg': dict(custom_keys={'backbone': dict(lr_mult=0.1)}),
    'temperature': None,
}
# A table's ``configs`` say which the stages are.
shared['cnt'] = {
    name: [dict(config='stage_1', row=row, options=options), dict(config='stage_2', options=options)]
    for name, row, options in (
        ('bn', 'BN', {}),
        ('control', 'BN, control', shared['control']),
        ('sepbn', 'SepBN', shared['sepbn']),
        ('standardized', 'SepBN, standardized attention', shared['standardized']),
    )
}
# Of the keys in a parameter's name MMEngine takes the longest: in stage 2 that would be `backbone`, not `.bn.`.
shared['cnt']['control'][1] = dict(
    config='stage_2',
    options={
        **shared['control'],
        'optim_wrapper.paramwise_cfg': dict(
            custom_keys={
                'backbone': dict(lr_mult=0.1),
                **{f'backbone.blocks.{i}.bn.': dict(lr_mult=0.1, decay_mult=0.0) for i in range(6)},
            }
        ),
    },
)
# Rows of real_whole that other tables have too.
shared['whole'] = {
    name: [dict(table='real_whole', row=row, options=options)]
    for name, row, options in (
        ('bn', 'BN', {'model.backbone.norm_cfg': dict(_delete_=True, type='BN')}),
        ('control', 'BN, control', shared['control']),
        ('sepbn', 'SepBN', shared['sepbn']),
    )
}
