_base_ = '../configs/norms.py'
title = 'The small real set, as many epochs on all sets as on it alone'
base = '../configs/real_small_halves.py'
configs = dict(
    as_many_epochs='../configs/real_small_halves_fewer.py',
    stage_1='../configs/real_cnt_longer.py',
    stage_2='../configs/real_fine_tune_halves.py',
)
rows = {
    'BN, as many epochs': [dict(config='as_many_epochs')],
    'BN, as many steps': {},
    'BN, CNT + fine-tuning': _base_.shared.cnt.bn,
    'BN, control, CNT + fine-tuning': _base_.shared.cnt.control,
    'SepBN, CNT + fine-tuning': _base_.shared.cnt.sepbn,
}
comparisons = [
    ('BN, CNT + fine-tuning', 'BN, as many epochs'),
    ('BN, CNT + fine-tuning', 'BN, as many steps'),
    ('SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
    ('SepBN, CNT + fine-tuning', 'BN, control, CNT + fine-tuning'),
]
