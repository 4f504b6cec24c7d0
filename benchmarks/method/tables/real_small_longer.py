_base_ = '../configs/norms.py'
title = 'The small real set, three times as many epochs'
base = '../configs/real_small_longer.py'
configs = dict(
    as_many_epochs='../configs/real_small_longer_fewer.py',
    stage_1='../configs/real_cnt_longer.py',
    stage_2='../configs/real_fine_tune_longer.py',
)
rows = {
    'BN, as many epochs': [dict(config='as_many_epochs')],
    'BN, as many steps': {},
    'BN, CNT + fine-tuning': _base_.shared.cnt.bn,
}
comparisons = [('BN, CNT + fine-tuning', 'BN, as many epochs'), ('BN, CNT + fine-tuning', 'BN, as many steps')]
