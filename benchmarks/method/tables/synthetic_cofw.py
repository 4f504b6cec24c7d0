# 8 epochs of stage 1 and 99 of fine-tuning.
_base_ = '../configs/rows_with_cnt.py'
title = 'Synthetic COFW, 134 training faces, alone and after the five sets'
base = '../configs/synthetic_cofw.py'
configs = dict(
    as_many_epochs='../configs/synthetic_cofw_fewer.py',
    stage_1='../configs/synthetic_cnt.py',
    stage_2='../configs/synthetic_fine_tune_cofw.py',
)
