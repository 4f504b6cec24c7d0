_base_ = '../configs/rows_small_with_cnt.py'
title = 'Real faces, 370 with 68 landmarks, helped by 1223 with 19 and 890 with 5'
base = '../configs/real_small.py'
# 10 epochs of stage 1 and 45 of fine-tuning; their steps are 110 epochs of the small set.
configs = dict(
    as_many_epochs=dict(options={'train_cfg.max_epochs': 55 * _base_.shared.longer}),
    stage_1=dict(table='real_cnt', config='../configs/real_cnt.py'),
    stage_2=dict(options={**_base_.shared.fine_tune, 'train_cfg.max_epochs': 45 * _base_.shared.longer}),
)
rows = {
    'BN, control, as many steps': _base_.shared.control,
    'SepBN, as many steps': _base_.shared.sepbn,
    'BN, control without spread, as many steps': _base_.shared.control_without_spread,
    'SepBN, standardized attention, as many steps': _base_.shared.standardized,
    'SepBN, standardized attention, CNT + fine-tuning': _base_.shared.cnt.standardized,
}
comparisons = [
    *_base_.comparisons,
    ('SepBN, CNT + fine-tuning', 'SepBN, as many steps'),
    ('SepBN, as many steps', 'BN, as many steps'),
    ('SepBN, as many steps', 'BN, control, as many steps'),
    ('SepBN, standardized attention, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
    ('SepBN, standardized attention, as many steps', 'BN, as many steps'),
]
