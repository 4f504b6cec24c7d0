_base_ = '../configs/rows_small_with_cnt.py'
title = 'The small real set, three times as many epochs'
base = '../configs/real_small_longer.py'
configs = dict(
    as_many_epochs='../configs/real_small_longer_fewer.py',
    stage_1='../configs/real_cnt_longer.py',
    stage_2='../configs/real_fine_tune_longer.py',
)
