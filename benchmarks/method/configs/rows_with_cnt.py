# The rows of a data set of Cross-protocol Network Training; all but the first have as many steps as CNT's two stages.
_base_ = 'norms.py'
rows = {
    'BN, as many epochs': [dict(config='as_many_epochs')],
    'BN': {},
    'BN, control': _base_.shared.control,
    'SepBN': _base_.shared.sepbn,
    'BN, CNT + fine-tuning': _base_.shared.cnt.bn,
    'BN, control, CNT + fine-tuning': _base_.shared.cnt.control,
    'SepBN, CNT + fine-tuning': _base_.shared.cnt.sepbn,
}
comparisons = [
    ('SepBN', 'BN'),
    ('SepBN', 'BN, control'),
    ('BN, CNT + fine-tuning', 'BN, as many epochs'),
    ('BN, CNT + fine-tuning', 'BN'),
    ('SepBN, CNT + fine-tuning', 'BN, CNT + fine-tuning'),
    ('SepBN, CNT + fine-tuning', 'BN, control, CNT + fine-tuning'),
]
