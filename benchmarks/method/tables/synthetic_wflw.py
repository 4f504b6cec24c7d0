# 8 epochs of stage 1 and 19 of fine-tuning.
_base_ = '../configs/rows_with_cnt.py'
title = 'Synthetic WFLW, 750 training faces, alone and after the five sets'
base = '../configs/synthetic_wflw.py'
configs = dict(
    as_many_epochs='../configs/synthetic_wflw_fewer.py',
    stage_1='../configs/synthetic_cnt.py',
    stage_2='../configs/synthetic_fine_tune_wflw.py',
)
