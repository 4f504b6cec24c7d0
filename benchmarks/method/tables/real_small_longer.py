title = 'The small real set, three times as many epochs'
base = '../configs/real_small_longer.py'
rows = {
    'BN, as many epochs': [dict(config='../configs/real_small_longer_fewer.py')],
    'BN, as many steps': {},
    'BN, CNT + fine-tuning': [
        dict(config='../configs/real_cnt_longer.py'),
        dict(config='../configs/real_fine_tune_longer.py'),
    ],
}
comparisons = [('BN, CNT + fine-tuning', 'BN, as many epochs'), ('BN, CNT + fine-tuning', 'BN, as many steps')]
