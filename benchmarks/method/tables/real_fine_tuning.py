# All rows share stage 1 with those of real_small, of which one is a row here.
_base_ = '../configs/norms.py'
title = 'Learning rate of the backbone in fine-tuning, on the validation people'
base = '../configs/real_small.py'
split = 'val'
shared = dict(
    stage_1=dict(table='real_cnt', row='BN', config='../configs/real_cnt.py'),
    stage_2={**_base_.shared.fine_tune, 'train_cfg.max_epochs': 45 * _base_.shared.longer},
)
rows = {
    f'{rate} times': [
        shared['stage_1'],
        dict(options={**shared['stage_2'], 'optim_wrapper.paramwise_cfg.custom_keys.backbone.lr_mult': rate}),
    ]
    for rate in (0.01, 0.1, 0.3, 1.0)
}
rows['0.1 times'][1].update(table='real_small', row='BN, CNT + fine-tuning')
comparisons = [('0.1 times', name) for name in rows if name != '0.1 times']
