_base_ = '../configs/norms.py'
title = 'The small real set, as many epochs on all sets as on it alone'
base = '../configs/real_small_halves.py'
rows = {
    'BN, as many epochs': [dict(config='../configs/real_small_halves_fewer.py')],
    'BN, as many steps': {},
    'BN, CNT + fine-tuning': [
        dict(config='../configs/real_cnt_longer.py'),
        dict(config='../configs/real_fine_tune_halves.py'),
    ],
    'SepBN, CNT + fine-tuning': [
        dict(config='../configs/real_cnt_longer.py', options=_base_.shared.sepbn),
        dict(config='../configs/real_fine_tune_halves.py', options=_base_.shared.sepbn),
    ],
}
comparisons = [
    ('BN, CNT + fine-tuning', 'BN, as many epochs'),
    ('BN, CNT + fine-tuning', 'BN, as many steps'),
    ('SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
]
