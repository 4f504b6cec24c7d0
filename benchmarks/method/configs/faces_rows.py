# Steps that the tables of three real protocols share: alone, stage 1 (15 epochs) and stage 2, MobileNetV2.
_base_ = 'norms.py'

control = _base_.shared.control_mobilenetv2
keys = 'optim_wrapper.paramwise_cfg'
slow = dict(backbone=dict(lr_mult=0.1))
# Branches of other sets than that of stage 2 are kept for the test: without faces they do not learn, nor decay.
frozen = {f'head.branches.{name}': dict(lr_mult=0.0) for name in ('wflw', 'wider_face')}
stage_2 = {'temperature': None, 'train_cfg.max_epochs': 15}
branches = '../configs/faces_branches.py'
shared = dict(
    fine_tune_faces={**stage_2, keys: dict(custom_keys={**slow, **frozen})},
    # As many steps on 300W as stage 1 and 2 have: 51 x 126 is 15 x 306 + 15 x 126 but for 1 %.
    as_many_steps={'train_cfg.max_epochs': 51, 'temperature.epochs': 10},
    stage_1={
        name: dict(table='faces_cnt', row=row, config='../configs/faces_cnt.py', options=options)
        for name, row, options in (
            ('bn', 'BN', {}),
            ('control', 'BN, control', control),
            ('sepbn', 'SepBN', _base_.shared.sepbn),
        )
    },
    # Stage 2 on a set that the table trains on, without other branches.
    fine_tune_set={'temperature': None, keys: dict(custom_keys=slow)},
)
decay = {key: dict(lr_mult=0.1, decay_mult=0.0) for key in control[keys].custom_keys}
shared['cnt_faces'] = {
    name: [shared['stage_1'][name], dict(table='faces300w_cnt', row=row, config=branches, options=options)]
    for name, row, options in (
        ('bn', 'BN, CNT + fine-tuning', shared['fine_tune_faces']),
        (
            'control',
            'BN, control, CNT + fine-tuning',
            {**control, **stage_2, keys: dict(custom_keys={**slow, **frozen, **decay})},
        ),
        ('sepbn', 'SepBN, CNT + fine-tuning', {**_base_.shared.sepbn, **shared['fine_tune_faces']}),
    )
}
shared['replay'] = [
    shared['stage_1']['bn'],
    dict(
        table='faces_ways',
        row='replay',
        config=branches,
        options={
            **stage_2,
            keys: dict(custom_keys=slow),
            'model.type': 'mmsepbn.ReplayEstimator',
            'custom_hooks': [dict(type='mmsepbn.ChannelsLastHook'), dict(type='mmsepbn.ReplayHook')],
        },
    ),
]
shared['alone'] = [
    dict(
        table='faces300w_cnt',
        row='BN, as many steps',
        config='../configs/faces_cross_protocol.py',
        options=shared['as_many_steps'],
    )
]
del control, keys, slow, frozen, stage_2, branches, decay
