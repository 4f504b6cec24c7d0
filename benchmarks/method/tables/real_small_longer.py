_base_ = '../configs/rows_small_with_cnt.py'
title = 'The small real set, three times as many epochs'
base = '../configs/real_small.py'
options = {'train_cfg.max_epochs': 330 * _base_.shared.longer}
configs = dict(
    as_many_epochs=dict(options={'train_cfg.max_epochs': 165 * _base_.shared.longer}),
    stage_1=dict(
        table='real_cnt_longer',
        config='../configs/real_cnt.py',
        options={'train_cfg.max_epochs': 30 * _base_.shared.longer},
    ),
    stage_2=dict(options={**_base_.shared.fine_tune, 'train_cfg.max_epochs': 135 * _base_.shared.longer}),
)
