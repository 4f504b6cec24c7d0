_base_ = '../configs/rows_small_with_cnt.py'
title = 'The small real set, as many epochs on all sets as on it alone'
base = '../configs/real_small_halves.py'
configs = dict(
    as_many_epochs='../configs/real_small_halves_fewer.py',
    stage_1='../configs/real_cnt_longer.py',
    stage_2='../configs/real_fine_tune_halves.py',
)
