_base_ = '../configs/norms.py'
title = 'Synthetic AFLW, 2000 training faces, alone and after the five sets'
base = '../configs/synthetic_aflw.py'
rows = {
    # 8 epochs of stage 1 and 7 of fine-tuning; the other rows have their steps.
    'BN, as many epochs': [dict(config='../configs/synthetic_aflw_fewer.py')],
    'BN': {},
    'BN, control': _base_.shared.control,
    'SepBN': _base_.shared.sepbn,
    'BN, CNT + fine-tuning': [
        dict(config='../configs/synthetic_cnt.py'),
        dict(config='../configs/synthetic_fine_tune_aflw.py'),
    ],
    'SepBN, CNT + fine-tuning': [
        dict(config='../configs/synthetic_cnt.py', options=_base_.shared.sepbn),
        dict(config='../configs/synthetic_fine_tune_aflw.py', options=_base_.shared.sepbn),
    ],
}
comparisons = [
    ('SepBN', 'BN'),
    ('SepBN', 'BN, control'),
    ('BN, CNT + fine-tuning', 'BN, as many epochs'),
    ('BN, CNT + fine-tuning', 'BN'),
    ('SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
]
