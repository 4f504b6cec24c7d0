# The rows of the small real set beside Cross-protocol Network Training; "steps" are as many as CNT's two stages have.
_base_ = 'norms.py'
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
