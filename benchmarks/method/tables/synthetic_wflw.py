_base_ = '../configs/norms.py'
title = 'Synthetic WFLW, 750 training faces, alone and after the five sets'
base = '../configs/synthetic_wflw.py'
rows = {
    'BN': {},
    'BN, control': _base_.shared.control,
    'SepBN': _base_.shared.sepbn,
    'BN, CNT + fine-tuning': [
        dict(config='../configs/synthetic_cnt.py'),
        dict(config='../configs/synthetic_fine_tune_wflw.py'),
    ],
    'SepBN, CNT + fine-tuning': [
        dict(config='../configs/synthetic_cnt.py', options=_base_.shared.sepbn),
        dict(config='../configs/synthetic_fine_tune_wflw.py', options=_base_.shared.sepbn),
    ],
}
comparisons = [
    ('SepBN', 'BN'),
    ('SepBN', 'BN, control'),
    ('BN, CNT + fine-tuning', 'BN'),
    ('SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
]
